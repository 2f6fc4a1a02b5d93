using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>A <see cref="ShardIndex"/> in the making, record by record. Its memory serves a thread's next shard too.</summary>
internal sealed class ShardIndexBuilder
{
    /// <summary>What a longer shard took is let go.</summary>
    private const int MostKept = 1 << 16;

    [ThreadStatic]
    private static ShardIndexBuilder? kept;

    private RecordKey[] keys = [];
    private long[] offsets = [];
    private ulong[] contentHashes = [];
    private int[] lengths = [];
    private int[] lines = [];
    private ushort[] instances = [];
    private RecordTraits[] traits = [];
    private Dialect[] dialects = [];

    private ShardIndexBuilder()
    {
    }

    public int Count { get; private set; }

    public ulong LastContentHash => contentHashes[Count - 1];

    /// <summary>An empty one.</summary>
    public static ShardIndexBuilder Take()
    {
        var builder = kept ?? new ShardIndexBuilder();
        kept = null;
        builder.Count = 0;
        return builder;
    }

    /// <summary>For the thread's next shard; this one is done with it.</summary>
    public void GiveBack() => kept = keys.Length > MostKept ? null : this;

    public void Add(in RecordKey key, long offset, ulong contentHash, int length, int line, ushort instance, RecordTraits recordTraits, Dialect dialect)
    {
        if (Count == keys.Length)
        {
            Reserve(Math.Max(1024, (int)Math.Min(Array.MaxLength, Count * 2L)));
        }

        var i = Count++;
        keys[i] = key;
        offsets[i] = offset;
        contentHashes[i] = contentHash;
        lengths[i] = length;
        lines[i] = line;
        instances[i] = instance;
        traits[i] = recordTraits;
        dialects[i] = dialect;
    }

    /// <summary>Adds a stretch of another index, whose records lie elsewhere now.</summary>
    public void AddFrom(ShardIndex index, int first, int count, long byteShift, int lineShift)
    {
        if (Count + count > keys.Length)
        {
            Reserve((int)Math.Min(Array.MaxLength, Math.Max(Count + (long)count, Count * 2L)));
        }

        Array.Copy(index.Keys, first, keys, Count, count);
        Array.Copy(index.ContentHashes, first, contentHashes, Count, count);
        Array.Copy(index.Lengths, first, lengths, Count, count);
        Array.Copy(index.Instances, first, instances, Count, count);
        Array.Copy(index.Traits, first, traits, Count, count);
        Array.Copy(index.Dialects, first, dialects, Count, count);
        for (var i = 0; i < count; i++)
        {
            offsets[Count + i] = index.Offsets[first + i] + byteShift;
            lines[Count + i] = index.Lines[first + i] + lineShift;
        }

        Count += count;
    }

    /// <summary>Takes back all records behind the first <paramref name="count"/>.</summary>
    public void Truncate(int count) => Count = count;

    public ShardIndex ToIndex(Container container, bool isGzip, uint fields, IReadOnlyList<InvalidRecord> invalid, IReadOnlyList<Passage> passages, byte[] passageKey) =>
        new(
            Copy(keys, Count),
            new(Copy(contentHashes, Count), Copy(lengths, Count), Copy(instances, Count), Copy(traits, Count), Copy(dialects, Count)),
            new(Copy(offsets, Count), Copy(lines, Count)))
        {
            Container = container,
            IsGzip = isGzip,
            FieldSet = fields,
            Invalid = invalid,
            Passages = passages,
            PassageKey = passageKey,
        };

    private void Reserve(int capacity)
    {
        keys = Copy(keys, capacity);
        offsets = Copy(offsets, capacity);
        contentHashes = Copy(contentHashes, capacity);
        lengths = Copy(lengths, capacity);
        lines = Copy(lines, capacity);
        instances = Copy(instances, capacity);
        traits = Copy(traits, capacity);
        dialects = Copy(dialects, capacity);
    }

    private T[] Copy<T>(T[] column, int length)
    {
        var copy = new T[length];
        Array.Copy(column, copy, Count);
        return copy;
    }
}
