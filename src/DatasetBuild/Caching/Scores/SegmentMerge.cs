using System.Runtime.InteropServices;
using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>Merges sorted sources of entries into one segment. What two sources tell differently of a key becomes a conflict.</summary>
internal static class SegmentMerge
{
    /// <summary>
    /// Writes the union of all sources. Keys that <paramref name="isDropped"/> names are left out of sources that say so; blocks that prove damaged are
    /// left out too. Conflicting keys stay, marked, so that they also discard a value in a segment that takes no part.
    /// </summary>
    internal static void Run(IReadOnlyList<EntrySource> sources, int width, Predicate<RecordKey>? isDropped, SegmentWriter writer)
    {
        var active = sources.Where(source => source.MoveToBlock()).ToList();
        while (active.Count > 0)
        {
            var smallest = Smallest(active, out var limit);
            var key = smallest.Head;
            if (limit is not { } other || key < other)
            {
                // Nothing else lies before the next source's head: take all up to there at once.
                var keys = smallest.Rest.Keys;
                var run = limit is { } end ? EntryJoin.Seek(keys, 1, end) : keys.Length;
                Take(smallest.Rest.Slice(0, run, width), smallest.Droppable ? isDropped : null, width, writer);
                smallest.Advance(run);
            }
            else
            {
                TakeShared(active, key, isDropped, width, writer);
            }

            active.RemoveAll(source => !source.MoveToBlock());
        }
    }

    private static EntrySource Smallest(List<EntrySource> active, out RecordKey? limit)
    {
        var smallest = active[0];
        limit = null;
        for (var i = 1; i < active.Count; i++)
        {
            var source = active[i];
            if (source.Head < smallest.Head)
            {
                (smallest, source) = (source, smallest);
            }

            if (limit is not { } other || source.Head < other)
            {
                limit = source.Head;
            }
        }

        return smallest;
    }

    private static void Take(EntryBlock entries, Predicate<RecordKey>? isDropped, int width, SegmentWriter writer)
    {
        if (isDropped is null)
        {
            writer.Add(entries);
            return;
        }

        for (var i = 0; i < entries.Keys.Length; i++)
        {
            if (!isDropped(entries.Keys[i]))
            {
                writer.Add(entries.Slice(i, 1, width));
            }
        }
    }

    private static void TakeShared(List<EntrySource> active, RecordKey key, Predicate<RecordKey>? isDropped, int width, SegmentWriter writer)
    {
        var found = false;
        byte state = 0;
        Span<byte> value = stackalloc byte[256];
        value = value[..width];
        foreach (var source in active)
        {
            if (source.Head != key)
            {
                continue;
            }

            var entry = source.Rest.Slice(0, 1, width);
            if (!source.Droppable || isDropped?.Invoke(key) != true)
            {
                if (!found)
                {
                    (found, state) = (true, entry.States[0]);
                    entry.Values.CopyTo(value);
                }
                else if (state != entry.States[0] || !entry.Values.SequenceEqual(value))
                {
                    state = EntryBlock.Conflict;
                    value.Clear();
                }
            }

            source.Advance(1);
        }

        if (found)
        {
            writer.Add(new EntryBlock(MemoryMarshal.CreateReadOnlySpan(ref key, 1), MemoryMarshal.CreateReadOnlySpan(ref state, 1), value));
        }
    }
}

/// <summary>Ascending entries, block by block: from a segment, or from memory.</summary>
internal sealed class EntrySource : IDisposable
{
    private readonly ScoreSegment? segment;
    private readonly EntryBuffer? buffer;
    private readonly RentedBytes? bytes;
    private readonly int width;
    private readonly Action<ScoreSegment>? onDamage;
    private int block;
    private int position;
    private int count;

    internal EntrySource(ScoreSegment segment, Action<ScoreSegment> onDamage)
    {
        this.segment = segment;
        this.onDamage = onDamage;
        width = segment.Width;
        bytes = new RentedBytes(segment.BlockBytes);
        Droppable = true;
    }

    internal EntrySource(EntryBuffer buffer, int width, bool droppable)
    {
        this.buffer = buffer;
        this.width = width;
        Droppable = droppable;
    }

    /// <summary>Whether keys that the merge drops are dropped from this source.</summary>
    internal bool Droppable { get; }

    /// <summary>What is left of the current block.</summary>
    internal EntryBlock Rest => Block.Slice(position, count - position, width);

    /// <summary>The key of the current entry: read once, since every step of a merge compares those of all sources.</summary>
    internal RecordKey Head { get; private set; }

    // A block in memory is taken apart once and lies in the machine's byte order from then on.
    private EntryBlock Block => segment is null
        ? buffer!.Sort()
        : new EntryBlock(
            MemoryMarshal.Cast<byte, RecordKey>(bytes!.Span[..(count * RecordKey.Size)]),
            bytes.Span.Slice(count * RecordKey.Size, count),
            bytes.Span.Slice(count * (RecordKey.Size + 1), count * width));

    internal void Advance(int entries)
    {
        position += entries;
        Head = position < count ? Block.Keys[position] : default;
    }

    /// <summary>Makes sure that there is a current entry; false at the end. Damaged blocks are passed over.</summary>
    internal bool MoveToBlock()
    {
        while (position == count)
        {
            if (segment is null)
            {
                if (block++ > 0)
                {
                    return false;
                }

                Enter(buffer!.Sort().Keys.Length);
                continue;
            }

            if (block >= segment.Blocks)
            {
                return false;
            }

            // Order is checked here and not in look-ups: only a merge would carry disorder on.
            if (segment.TryReadBlock(block, bytes!.Span, out var entries) && EntryBlock.IsAscending(entries.Keys)
                && entries.Keys[0] == segment.FirstKeyOf(block)
                && (block + 1 == segment.Blocks ? entries.Keys[^1] <= segment.LastKey : entries.Keys[^1] < segment.FirstKeyOf(block + 1)))
            {
                Enter(entries.Keys.Length);
            }
            else
            {
                onDamage!(segment);
            }

            block++;
        }

        return true;
    }

    public void Dispose() => bytes?.Dispose();

    private void Enter(int entries)
    {
        (position, count) = (0, entries);
        Advance(0);
    }
}
