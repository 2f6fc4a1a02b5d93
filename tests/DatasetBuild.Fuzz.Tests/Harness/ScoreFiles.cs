using System.Buffers.Binary;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Fuzz.Tests.Harness;

/// <summary>Segments and logs as FORMATS.md describes them, read and mended without the program's own readers.</summary>
internal static class ScoreFiles
{
    private const int SegmentHeader = 128;
    private const int LogHeader = 64;
    private const int FrameHeader = 32;

    public static string Entry(RecordKey key, byte state, ReadOnlySpan<byte> value) => $"{key} {state} {Convert.ToHexString(value)}";

    /// <summary>The entries of all blocks whose checksums are right, in a segment whose sizes and header are.</summary>
    public static HashSet<string> EntriesOfSegment(byte[] file, ReadOnlySpan<byte> identity, int width)
    {
        var entries = new HashSet<string>();
        if (BlocksOf(file, width) is not { } blocks || Hash(file, 120) != XxHash64.Hash(file.AsSpan(0, 120)) || !file.AsSpan(16, 32).SequenceEqual(identity))
        {
            return entries;
        }

        var index = file.AsSpan(blocks.IndexAt);
        for (var block = 0; block < blocks.Ranges.Count && Hash(file, 64) == XxHash64.Hash(index); block++)
        {
            var (at, count) = blocks.Ranges[block];
            var bytes = file.AsSpan(at, count * (17 + width));
            if (BinaryPrimitives.ReadUInt64LittleEndian(index[((24 * block) + 16)..]) == XxHash64.Hash(bytes))
            {
                Add(entries, bytes, count, width);
            }
        }

        return entries;
    }

    public static byte[] RepairSegment(byte[] input, int width)
    {
        if (input.Length < SegmentHeader)
        {
            return input;
        }

        var file = (byte[])input.Clone();
        if (BlocksOf(file, width) is { } blocks)
        {
            var index = file.AsSpan(blocks.IndexAt);
            for (var block = 0; block < blocks.Ranges.Count; block++)
            {
                var (at, count) = blocks.Ranges[block];
                BinaryPrimitives.WriteUInt64LittleEndian(index[((24 * block) + 16)..], XxHash64.Hash(file.AsSpan(at, count * (17 + width))));
            }

            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(64), XxHash64.Hash(index));
        }

        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(120), XxHash64.Hash(file.AsSpan(0, 120)));
        return file;
    }

    /// <summary>The entries of all frames with right checksums, up to the first bad header.</summary>
    public static HashSet<string> EntriesOfLog(byte[] file, ReadOnlySpan<byte> identity, int width)
    {
        var entries = new HashSet<string>();
        if (file.Length < LogHeader || !file.AsSpan(16, 32).SequenceEqual(identity))
        {
            return entries;
        }

        foreach (var (at, count) in FramesOf(file, width))
        {
            var bytes = file.AsSpan(at + FrameHeader, count * (17 + width));
            if (Hash(file, at + 24) != XxHash64.Hash(file.AsSpan(at, 24)))
            {
                break;
            }

            if (Hash(file, at + 16) == XxHash64.Hash(bytes))
            {
                Add(entries, bytes, count, width);
            }
        }

        return entries;
    }

    public static byte[] RepairLog(byte[] input, int width)
    {
        var file = (byte[])input.Clone();
        if (file.Length < LogHeader)
        {
            return file;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(56), XxHash64.Hash(file.AsSpan(0, 56)));
        foreach (var (at, count) in FramesOf(file, width))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at + 16), XxHash64.Hash(file.AsSpan(at + FrameHeader, count * (17 + width))));
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at + 24), XxHash64.Hash(file.AsSpan(at, 24)));
        }

        return file;
    }

    private static List<(int At, int Count)> FramesOf(byte[] file, int width)
    {
        var frames = new List<(int, int)>();
        for (long at = LogHeader; at + FrameHeader <= file.Length;)
        {
            var count = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan((int)at + 4));
            var size = count * (17L + width);
            if (count <= 0 || at + FrameHeader + size > file.Length)
            {
                break;
            }

            frames.Add(((int)at, count));
            at += FrameHeader + size;
        }

        return frames;
    }

    private static SegmentBlocks? BlocksOf(byte[] file, int width)
    {
        if (file.Length < SegmentHeader)
        {
            return null;
        }

        var entrySize = 17 + width;
        var total = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(48));
        var perBlock = 1 << (int)Math.Log2(131072.0 / entrySize);
        if (total < 0 || total > file.Length / entrySize)
        {
            return null;
        }

        var indexAt = SegmentHeader + (total * entrySize);
        var blocks = (total + perBlock - 1) / perBlock;
        if (indexAt + (24 * blocks) > file.Length)
        {
            return null;
        }

        var ranges = Enumerable.Range(0, (int)blocks).Select(block => (SegmentHeader + (block * perBlock * entrySize), (int)Math.Min(perBlock, total - ((long)block * perBlock)))).ToList();
        return new SegmentBlocks((int)indexAt, ranges);
    }

    private static void Add(HashSet<string> entries, ReadOnlySpan<byte> bytes, int count, int width)
    {
        for (var i = 0; i < count; i++)
        {
            var key = new RecordKey(BinaryPrimitives.ReadUInt64LittleEndian(bytes[(16 * i)..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[((16 * i) + 8)..]));
            var state = bytes[(16 * count) + i];
            var value = bytes.Slice((17 * count) + (i * width), width);
            entries.Add(Entry(key, state, value));

            // A key without a value has zero bytes, whatever a log says.
            entries.Add(Entry(key, state, state == 1 ? value : new byte[width]));
        }
    }

    private static ulong Hash(byte[] file, int at) => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));

    private sealed record SegmentBlocks(int IndexAt, List<(int At, int Count)> Ranges);
}
