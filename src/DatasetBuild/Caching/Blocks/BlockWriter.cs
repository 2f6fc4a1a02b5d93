using System.Buffers;
using System.Buffers.Binary;

namespace DatasetBuild.Caching;

/// <summary>A block file in the making. Without <see cref="Commit"/> nothing remains of it. Not for several threads at once.</summary>
public sealed class BlockWriter : IDisposable
{
    private readonly TemporaryFile file;
    private readonly ulong kind;
    private readonly int version;
    private readonly List<ulong> hashes = [];
    private byte[] block = ArrayPool<byte>.Shared.Rent(BlockFile.BlockSize);
    private int filled;

    internal BlockWriter(string path, string kind, int version, string? temporaries)
    {
        this.kind = BlockHeader.KindOf(kind);
        this.version = version;
        file = new TemporaryFile(path, temporaries);
    }

    /// <summary>Bytes of payload so far.</summary>
    public long Length => ((long)hashes.Count * BlockFile.BlockSize) + filled;

    /// <summary>Appends to the payload.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BlockFile.MaxLength - Length)
        {
            throw new IOException($"A block file holds at most {BlockFile.MaxLength} bytes.");
        }

        while (!bytes.IsEmpty)
        {
            if (filled == 0 && bytes.Length >= BlockFile.BlockSize)
            {
                WriteBlock(bytes[..BlockFile.BlockSize]);
                bytes = bytes[BlockFile.BlockSize..];
                continue;
            }

            var take = Math.Min(BlockFile.BlockSize - filled, bytes.Length);
            bytes[..take].CopyTo(block.AsSpan(filled));
            bytes = bytes[take..];
            filled += take;
            if (filled == BlockFile.BlockSize)
            {
                filled = 0;
                WriteBlock(block.AsSpan(0, BlockFile.BlockSize));
            }
        }
    }

    /// <summary>Completes the file and puts it in its place.</summary>
    /// <param name="flushToDisk">Waits until the bytes are on the disk: for what a power cut must not take.</param>
    /// <exception cref="IOException">It could not be written; an earlier file is untouched.</exception>
    public void Commit(bool flushToDisk = false)
    {
        var length = Length;
        if (filled > 0)
        {
            var last = block.AsSpan(0, filled);
            RandomAccess.Write(file.Handle, last, BlockHeader.Size + length - filled);
            hashes.Add(XxHash64.Hash(last));
            filled = 0;
        }

        var table = new byte[8 * hashes.Count];
        for (var i = 0; i < hashes.Count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(8 * i), hashes[i]);
        }

        RandomAccess.Write(file.Handle, table, BlockHeader.Size + length);
        Span<byte> header = stackalloc byte[BlockHeader.Size];
        new BlockHeader(kind, version, length, XxHash64.Hash(table)).Write(header);
        RandomAccess.Write(file.Handle, header, 0);
        file.Publish(flushToDisk);
    }

    public void Dispose()
    {
        file.Dispose();
        if (block.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(block);
            block = [];
        }
    }

    private void WriteBlock(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(file.Handle, bytes, BlockHeader.Size + ((long)hashes.Count * BlockFile.BlockSize));
        hashes.Add(XxHash64.Hash(bytes));
    }
}
