using System.Buffers.Binary;
using System.Text;

namespace DatasetBuild.Caching;

/// <summary>The first 64 bytes of a block file; the layout is in FORMATS.md.</summary>
internal readonly record struct BlockHeader(ulong Kind, int Version, long Length, ulong TableHash)
{
    internal const int Size = 64;
    private const uint FormatVersion = 1;

    private static ReadOnlySpan<byte> Magic => "DSBBLOCK"u8;

    internal static ulong KindOf(string kind) => XxHash64.Hash(Encoding.UTF8.GetBytes(kind));

    internal void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], BlockFile.BlockSize);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Kind);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[40..], TableHash);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], XxHash64.Hash(bytes[..56]));
    }

    /// <summary>False when the bytes are no intact header. <paramref name="known"/> is false for an intact header of another format version.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out BlockHeader header, out bool known)
    {
        header = default;
        known = false;
        if (bytes.Length < Size || !bytes.StartsWith(Magic) || BinaryPrimitives.ReadUInt64LittleEndian(bytes[56..]) != XxHash64.Hash(bytes[..56]))
        {
            return false;
        }

        known = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == FormatVersion
            && BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) == BlockFile.BlockSize;
        header = new BlockHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]));
        return true;
    }
}
