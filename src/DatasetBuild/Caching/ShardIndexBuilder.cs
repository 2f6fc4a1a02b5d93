using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>A <see cref="ShardIndex"/> in the making, record by record.</summary>
internal sealed class ShardIndexBuilder
{
    private RecordKey[] keys = [];
    private long[] offsets = [];
    private ulong[] contentHashes = [];
    private int[] lengths = [];
    private int[] lines = [];
    private ushort[] instances = [];
    private RecordTraits[] traits = [];
    private Dialect[] dialects = [];

    public int Count { get; private set; }

    public ulong LastContentHash => contentHashes[Count - 1];

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

    public ShardIndex ToIndex(Container container, bool isGzip, uint fields, IReadOnlyList<InvalidRecord> invalid, IReadOnlyList<Passage> passages, byte[] passageKey)
    {
        Reserve(Count);
        return new ShardIndex(keys, new(contentHashes, lengths, instances, traits, dialects), new(offsets, lines))
        {
            Container = container,
            IsGzip = isGzip,
            FieldSet = fields,
            Invalid = invalid,
            Passages = passages,
            PassageKey = passageKey,
        };
    }

    private void Reserve(int capacity)
    {
        Resize(ref keys, capacity);
        Resize(ref offsets, capacity);
        Resize(ref contentHashes, capacity);
        Resize(ref lengths, capacity);
        Resize(ref lines, capacity);
        Resize(ref instances, capacity);
        Resize(ref traits, capacity);
        Resize(ref dialects, capacity);
    }

    private void Resize<T>(ref T[] column, int capacity)
    {
        if (column.Length != capacity)
        {
            var other = new T[capacity];
            Array.Copy(column, other, Count);
            column = other;
        }
    }
}
