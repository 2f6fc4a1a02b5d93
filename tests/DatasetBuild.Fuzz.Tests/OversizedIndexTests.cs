using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Tests;

namespace DatasetBuild.Fuzz.Tests;

/// <summary>A file that is almost all hole costs nobody anything to make; an index of that kind must cost nothing to refuse either.</summary>
public sealed class OversizedIndexTests
{
    private const long Length = (1L << 31) + BlockFile.BlockSize;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 44_000_000)]
    [InlineData(1, 40_000_000)]
    [InlineData(134_300_000, 0)]
    public void An_index_with_a_part_that_no_index_has_is_a_miss(int records, int passages)
    {
        using var folder = new ScratchFolder();
        var hash = SHA256.HashData("shard"u8);
        var name = Convert.ToHexStringLower(hash);
        var header = new byte[BlockFile.BlockSize];
        BinaryPrimitives.WriteInt32LittleEndian(header, records);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), passages);
        WriteWithHole(folder.At("derived", "shard-index", name[..2], name + ".blk"), $"shard-index/{name}", header);
        var derived = new DerivedData(folder.Root, warning => throw new InvalidOperationException(warning.Message));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var index = ShardIndexFile.TryOpen(derived, hash, () => throw new InvalidOperationException("made anew"));
        var previous = ShardIndexFile.TryLoad(derived, hash);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(16 << 20);
        (index, previous).ShouldBe((null, null));
    }

    /// <summary>A block file with right checksums, of which only the first block and the table are written.</summary>
    private static void WriteWithHole(string path, string kind, byte[] first)
    {
        var table = new byte[8 * (Length / BlockFile.BlockSize)];
        var hole = XxHash64.Hash(new byte[BlockFile.BlockSize]);
        for (var at = 0; at < table.Length; at += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(at), at == 0 ? XxHash64.Hash(first) : hole);
        }

        var head = new byte[64];
        new BlockHeader(XxHash64.Hash(Encoding.UTF8.GetBytes(kind)), 2, Length, XxHash64.Hash(table)).Write(head);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        RandomAccess.Write(file, head, 0);
        RandomAccess.Write(file, first, 64);
        RandomAccess.Write(file, table, 64 + Length);
    }
}
