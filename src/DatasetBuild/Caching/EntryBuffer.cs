using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>Entries in memory, in any order until <see cref="Sort"/>. Not for several threads at once.</summary>
internal sealed class EntryBuffer(int width)
{
    private RecordKey[] keys = [];
    private byte[] states = [];
    private byte[] values = [];
    private bool sorted = true;

    internal int Count { get; private set; }

    internal long Bytes => (long)Count * EntryBlock.EntrySize(width);

    internal void Add(ReadOnlySpan<RecordKey> newKeys, ReadOnlySpan<byte> newValues, ReadOnlySpan<byte> newStates)
    {
        Reserve(newKeys.Length);
        newKeys.CopyTo(keys.AsSpan(Count));
        newStates.CopyTo(states.AsSpan(Count));
        newValues.CopyTo(values.AsSpan(Count * width));

        // A key without a value has zero bytes, so that equal entries are equal bytes.
        for (var i = 0; i < newStates.Length; i++)
        {
            if (newStates[i] != EntryBlock.Value)
            {
                values.AsSpan((Count + i) * width, width).Clear();
            }
        }

        Count += newKeys.Length;
        sorted = newKeys.IsEmpty && sorted;
    }

    internal void Clear()
    {
        (keys, states, values, Count, sorted) = ([], [], [], 0, true);
    }

    /// <summary>The entries, ascending, each key once; a key that was added with two different values has the state <see cref="EntryBlock.Conflict"/>.</summary>
    internal EntryBlock Sort()
    {
        if (!sorted)
        {
            SortAndMerge();
            sorted = true;
        }

        return new EntryBlock(keys.AsSpan(0, Count), states.AsSpan(0, Count), values.AsSpan(0, Count * width));
    }

    private void SortAndMerge()
    {
        var order = KeyOrder.Of(keys.AsSpan(0, Count));
        var newKeys = new RecordKey[Count];
        var newStates = new byte[Count];
        var newValues = new byte[Count * width];
        var count = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var key = keys[order[i]];
            var state = states[order[i]];
            var value = values.AsSpan(order[i] * width, width);
            if (count > 0 && newKeys[count - 1] == key)
            {
                if (newStates[count - 1] != state || !newValues.AsSpan((count - 1) * width, width).SequenceEqual(value))
                {
                    newStates[count - 1] = EntryBlock.Conflict;
                    newValues.AsSpan((count - 1) * width, width).Clear();
                }

                continue;
            }

            newKeys[count] = key;
            newStates[count] = state;
            value.CopyTo(newValues.AsSpan(count * width));
            count++;
        }

        (keys, states, values, Count) = (newKeys, newStates, newValues, count);
    }

    private void Reserve(int more)
    {
        var needed = checked(Count + more);
        if (needed > keys.Length)
        {
            var capacity = (int)Math.Max(needed, Math.Min(keys.Length * 2L, Array.MaxLength / Math.Max(width, RecordKey.Size)));
            Array.Resize(ref keys, capacity);
            Array.Resize(ref states, capacity);
            Array.Resize(ref values, checked(capacity * width));
        }
    }
}
