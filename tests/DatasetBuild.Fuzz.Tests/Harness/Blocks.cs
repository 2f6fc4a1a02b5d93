using System.Buffers.Binary;
using System.Text;
using DatasetBuild.Caching;

namespace DatasetBuild.Fuzz.Tests.Harness;

/// <summary>Block files as FORMATS.md describes them, read and mended without the program's own reader.</summary>
internal static class Blocks
{
    private const int HeaderSize = 64;
    private const int BlockSize = 65536;

    /// <summary>A whole file around a payload.</summary>
    public static byte[] Wrap(string kind, int version, byte[] payload)
    {
        var blocks = (payload.Length + BlockSize - 1) / BlockSize;
        var file = new byte[HeaderSize + payload.Length + (8 * blocks)];
        "DSBBLOCK"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(12), BlockSize);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), XxHash64.Hash(Encoding.UTF8.GetBytes(kind)));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), version);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(32), payload.Length);
        payload.CopyTo(file, HeaderSize);
        return Repair(file);
    }

    /// <summary>The file with all checksums right that its sizes allow.</summary>
    public static byte[] Repair(byte[] input)
    {
        if (input.Length < HeaderSize)
        {
            return input;
        }

        var file = (byte[])input.Clone();
        var length = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(32));
        if (Table(file, length) is { Length: > 0 } table)
        {
            for (var i = 0; i < table.Length / 8; i++)
            {
                var start = i * BlockSize;
                BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(8 * i), XxHash64.Hash(file.AsSpan(HeaderSize + start, (int)Math.Min(BlockSize, length - start))));
            }

            table.CopyTo(file, HeaderSize + length);
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), XxHash64.Hash(table));
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), XxHash64.Hash([]));
        }

        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(56), XxHash64.Hash(file.AsSpan(0, 56)));
        return file;
    }

    /// <summary>The payload, or null where the file is a miss.</summary>
    public static byte[]? Read(byte[] file, string kind, int version)
    {
        if (file.Length < HeaderSize || !file.AsSpan().StartsWith("DSBBLOCK"u8) || Hash(56) != XxHash64.Hash(file.AsSpan(0, 56)))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(32));
        var isOurs = Number(8) == 1 && Number(12) == BlockSize && Hash(16) == XxHash64.Hash(Encoding.UTF8.GetBytes(kind)) && Number(24) == version;
        if (!isOurs || Table(file, length) is not { } table || Hash(40) != XxHash64.Hash(table))
        {
            return null;
        }

        for (var i = 0; i < table.Length / 8; i++)
        {
            var start = i * BlockSize;
            if (BinaryPrimitives.ReadUInt64LittleEndian(table.AsSpan(8 * i)) != XxHash64.Hash(file.AsSpan(HeaderSize + start, (int)Math.Min(BlockSize, length - start))))
            {
                return null;
            }
        }

        return file.AsSpan(HeaderSize, (int)length).ToArray();

        int Number(int at) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));

        ulong Hash(int at) => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
    }

    private static byte[]? Table(byte[] file, long length)
    {
        if (length < 0 || length > file.Length)
        {
            return null;
        }

        var blocks = (length + BlockSize - 1) / BlockSize;
        return file.Length == HeaderSize + length + (8 * blocks) ? file.AsSpan((int)(HeaderSize + length)).ToArray() : null;
    }
}
