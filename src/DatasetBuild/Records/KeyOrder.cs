using System.Numerics;

namespace DatasetBuild.Records;

/// <summary>
/// Orders records by their keys. Keys are hashes, so one scatter by their first bits leaves almost nothing to compare: linear in practice,
/// n log n at worst.
/// </summary>
public static class KeyOrder
{
    private const int SmallBucket = 24;

    /// <summary>The numbers 0 … n-1 ordered by key; equal keys in ascending number.</summary>
    public static int[] Of(ReadOnlySpan<RecordKey> keys)
    {
        var order = new int[keys.Length];
        if (keys.Length == 0)
        {
            return order;
        }

        var bits = Math.Clamp(BitOperations.Log2((uint)keys.Length) - 1, 1, 20);
        var shift = 64 - bits;
        var starts = new int[(1 << bits) + 1];
        foreach (ref readonly var key in keys)
        {
            starts[(int)(key.High >> shift) + 1]++;
        }

        for (var bucket = 1; bucket < starts.Length; bucket++)
        {
            starts[bucket] += starts[bucket - 1];
        }

        var entries = new Entry[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            entries[starts[(int)(keys[i].High >> shift)]++] = new Entry(keys[i].High, i);
        }

        // Each start has moved to the end of its bucket, which is where the next one begins.
        var from = 0;
        for (var bucket = 0; bucket < starts.Length - 1; bucket++)
        {
            var to = starts[bucket];
            SortBucket(entries.AsSpan(from, to - from), keys);
            from = to;
        }

        for (var i = 0; i < order.Length; i++)
        {
            order[i] = entries[i].Number;
        }

        return order;
    }

    private static void SortBucket(Span<Entry> bucket, ReadOnlySpan<RecordKey> keys)
    {
        if (bucket.Length > SmallBucket)
        {
            SortLarge(bucket, keys);
            return;
        }

        for (var i = 1; i < bucket.Length; i++)
        {
            var entry = bucket[i];
            var j = i - 1;
            while (j >= 0 && Compare(entry, bucket[j], keys) < 0)
            {
                bucket[j + 1] = bucket[j];
                j--;
            }

            bucket[j + 1] = entry;
        }
    }

    /// <summary>Many equal keys, as a pool of copies has: sort by value, not by comparing pairs over and over.</summary>
    private static void SortLarge(Span<Entry> bucket, ReadOnlySpan<RecordKey> keys)
    {
        var full = new (RecordKey Key, int Number)[bucket.Length];
        for (var i = 0; i < full.Length; i++)
        {
            full[i] = (keys[bucket[i].Number], bucket[i].Number);
        }

        Array.Sort(full);
        for (var i = 0; i < full.Length; i++)
        {
            bucket[i] = new Entry(full[i].Key.High, full[i].Number);
        }
    }

    private static int Compare(Entry left, Entry right, ReadOnlySpan<RecordKey> keys)
    {
        if (left.High != right.High)
        {
            return left.High < right.High ? -1 : 1;
        }

        var low = keys[left.Number].Low.CompareTo(keys[right.Number].Low);
        return low != 0 ? low : left.Number.CompareTo(right.Number);
    }

    private readonly record struct Entry(ulong High, int Number);
}
