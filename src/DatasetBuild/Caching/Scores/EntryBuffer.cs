using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>
/// Entries in memory, in any order until <see cref="Sort"/>. The memory stays when they go: a build that seals often would have the system give it the same pages anew each time,
/// which costs more than the entries. Not for several threads at once.
/// </summary>
internal sealed class EntryBuffer(int width)
{
    private Columns entries = new();
    private Columns spare = new(); // holds the sorted entries while they are made
    private bool sorted = true;

    internal int Count { get; private set; }

    internal long Bytes => (long)Count * EntryBlock.EntrySize(width);

    internal void Add(ReadOnlySpan<RecordKey> newKeys, ReadOnlySpan<byte> newValues, ReadOnlySpan<byte> newStates)
    {
        entries.Reserve(Count, checked(Count + newKeys.Length), width);
        newKeys.CopyTo(entries.Keys.AsSpan(Count));
        newStates.CopyTo(entries.States.AsSpan(Count));
        newValues.CopyTo(entries.Values.AsSpan(Count * width));

        // A key without a value has zero bytes, so that equal entries are equal bytes.
        for (var i = 0; i < newStates.Length; i++)
        {
            if (newStates[i] != EntryBlock.Value)
            {
                entries.Values.AsSpan((Count + i) * width, width).Clear();
            }
        }

        Count += newKeys.Length;
        sorted = newKeys.IsEmpty && sorted;
    }

    internal void Clear() => (Count, sorted) = (0, true);

    /// <summary>The entries, ascending, each key once; a key that was added with two different values has the state <see cref="EntryBlock.Conflict"/>.</summary>
    internal EntryBlock Sort()
    {
        if (!sorted)
        {
            SortAndMerge();
            sorted = true;
        }

        return new EntryBlock(entries.Keys.AsSpan(0, Count), entries.States.AsSpan(0, Count), entries.Values.AsSpan(0, Count * width));
    }

    private void SortAndMerge()
    {
        var order = KeyOrder.Of(entries.Keys.AsSpan(0, Count));
        spare.Reserve(0, Count, width);
        var (keys, states, values) = (spare.Keys, spare.States, spare.Values);
        var count = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var key = entries.Keys[order[i]];
            var state = entries.States[order[i]];
            var value = entries.Values.AsSpan(order[i] * width, width);
            if (count > 0 && keys[count - 1] == key)
            {
                if (states[count - 1] != state || !values.AsSpan((count - 1) * width, width).SequenceEqual(value))
                {
                    states[count - 1] = EntryBlock.Conflict;
                    values.AsSpan((count - 1) * width, width).Clear();
                }

                continue;
            }

            keys[count] = key;
            states[count] = state;
            value.CopyTo(values.AsSpan(count * width));
            count++;
        }

        (entries, spare, Count) = (spare, entries, count);
    }

    /// <summary>Room for entries, side by side.</summary>
    private sealed class Columns
    {
        private RecordKey[] keys = [];
        private byte[] states = [];
        private byte[] values = [];

        public RecordKey[] Keys => keys;

        public byte[] States => states;

        public byte[] Values => values;

        /// <summary>Makes room for <paramref name="needed"/> entries; the first <paramref name="kept"/> stay.</summary>
        public void Reserve(int kept, int needed, int width)
        {
            if (needed <= keys.Length)
            {
                return;
            }

            var capacity = (int)Math.Max(needed, Math.Min(keys.Length * 2L, Array.MaxLength / Math.Max(width, RecordKey.Size)));
            Grow(ref keys, kept, capacity);
            Grow(ref states, kept, capacity);
            Grow(ref values, kept * width, checked(capacity * width));
        }

        private static void Grow<T>(ref T[] column, int kept, int length)
        {
            var larger = GC.AllocateUninitializedArray<T>(length);
            column.AsSpan(0, kept).CopyTo(larger);
            column = larger;
        }
    }
}
