using System.Buffers;
using System.Buffers.Binary;
using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>Writes one sealed segment from ascending entries; nothing is seen of it before <see cref="Commit"/>.</summary>
internal sealed class SegmentWriter : IDisposable
{
    private readonly TemporaryFile file;
    private readonly int width;
    private readonly byte[] block;
    private readonly RecordKey[] keys;
    private readonly byte[] states;
    private readonly byte[] values;
    private readonly ArrayBufferWriter<byte> index = new(1 << 12); // of each block its first key and its hash, then what the segment replaces
    private RecordKey lastKey;
    private long written;
    private int filled;

    internal SegmentWriter(string path, int width, string temporaries)
    {
        this.width = width;
        var entries = ScoreSegment.BlockEntriesOf(width);
        block = new byte[entries * EntryBlock.EntrySize(width)];
        keys = new RecordKey[entries];
        states = new byte[entries];
        values = new byte[entries * width];
        CacheFiles.RefuseLink(Path.GetDirectoryName(path)!, ScoreStore.FolderDepth);
        file = new TemporaryFile(path, temporaries);
    }

    internal long Count => written + filled;

    /// <summary>Appends entries whose keys ascend from the last one appended.</summary>
    internal void Add(EntryBlock entries)
    {
        while (entries.Keys.Length > 0)
        {
            var take = Math.Min(keys.Length - filled, entries.Keys.Length);
            entries.Keys[..take].CopyTo(keys.AsSpan(filled));
            entries.States[..take].CopyTo(states.AsSpan(filled));
            entries.Values[..(take * width)].CopyTo(values.AsSpan(filled * width));
            filled += take;
            if (filled == keys.Length)
            {
                WriteBlock();
            }

            entries = entries.Slice(take, entries.Keys.Length - take, width);
        }
    }

    /// <summary>Completes the segment, waits until it is on the disk (its inputs are deleted for it), and puts it in its place.</summary>
    internal void Commit(ReadOnlySpan<byte> identity, IReadOnlyCollection<Guid> replaces, DateTime stamp)
    {
        if (replaces.Count > ScoreSegment.MaxReplaced)
        {
            throw new IOException($"A segment cannot replace {replaces.Count} others.");
        }

        WriteBlock();
        foreach (var id in replaces)
        {
            id.TryWriteBytes(index.GetSpan(16), bigEndian: true, out _);
            index.Advance(16);
        }

        RandomAccess.Write(file.Handle, index.WrittenSpan, SegmentHeader.Size + (written * EntryBlock.EntrySize(width)));
        Span<byte> header = stackalloc byte[SegmentHeader.Size];
        new SegmentHeader(width, written, keys.Length, replaces.Count, XxHash64.Hash(index.WrittenSpan), lastKey).Write(header, identity);
        RandomAccess.Write(file.Handle, header, 0);
        file.Publish(flushToDisk: true, stamp);
    }

    public void Dispose() => file.Dispose();

    private void WriteBlock()
    {
        if (filled == 0)
        {
            return;
        }

        var size = filled * EntryBlock.EntrySize(width);
        var bytes = block.AsSpan(0, size);
        new EntryBlock(keys.AsSpan(0, filled), states.AsSpan(0, filled), values.AsSpan(0, filled * width)).CopyTo(bytes);
        RandomAccess.Write(file.Handle, bytes, SegmentHeader.Size + (written * EntryBlock.EntrySize(width)));
        var entry = index.GetSpan(ScoreSegment.IndexEntrySize);
        keys[0].Write(entry);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[RecordKey.Size..], XxHash64.Hash(bytes));
        index.Advance(ScoreSegment.IndexEntrySize);
        lastKey = keys[filled - 1];
        written += filled;
        filled = 0;
    }
}
