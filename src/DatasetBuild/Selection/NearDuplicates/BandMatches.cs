using System.Numerics;

namespace DatasetBuild.Selection;

/// <summary>
/// Finds the records that have a band's key in common. Linear in practice: keys are hashes, and a hash table in the processor's own cache is all that is needed.
/// Reused from band to band; not for several threads at once.
/// </summary>
internal sealed class BandMatches
{
    /// <summary>So many records go into one table.</summary>
    private const int RecordsPerTable = 1024;

    private const int MaxTables = 1 << 14;

    private ulong[] entries = [];

    /// <summary>For each record whose key an earlier one has: the first that has it in the high half, the record in the low half; ascending.</summary>
    /// <param name="keys">The key of each record, or 0 for none.</param>
    /// <param name="records">Those that take part, ascending.</param>
    public ulong[] Find(ReadOnlySpan<ulong> keys, ReadOnlySpan<int> records)
    {
        var tableBits = BitOperations.Log2((uint)Math.Clamp(records.Length / RecordsPerTable, 1, MaxTables));
        var starts = Divide(keys, records, tableBits);
        var largest = 1;
        for (var table = 0; table < starts.Length - 1; table++)
        {
            largest = Math.Max(largest, starts[table + 1] - starts[table]);
        }

        var slotBits = BitOperations.Log2((uint)largest) + 2;
        var slots = new ulong[1 << slotBits];
        var matches = new List<ulong>();
        for (var table = 0; table < starts.Length - 1; table++)
        {
            Array.Clear(slots);
            Match(entries.AsSpan(starts[table], starts[table + 1] - starts[table]), slots, 64 - slotBits, keys, matches);
        }

        return SortByFirst([.. matches], keys.Length);
    }

    /// <summary>Those that share a first already ascend: a radix sort by the firsts, which keeps what is alike in its order.</summary>
    private static ulong[] SortByFirst(ulong[] matches, int firsts)
    {
        const int DigitBits = 11;
        var sorted = new ulong[matches.Length];
        var next = new int[1 << DigitBits];
        for (var shift = 0; firsts - 1 >> shift > 0; shift += DigitBits)
        {
            Array.Clear(next);
            foreach (var match in matches)
            {
                next[DigitOf(match)]++;
            }

            for (int digit = 0, start = 0; digit < next.Length; digit++)
            {
                (next[digit], start) = (start, start + next[digit]);
            }

            foreach (var match in matches)
            {
                sorted[next[DigitOf(match)]++] = match;
            }

            (matches, sorted) = (sorted, matches);

            int DigitOf(ulong match) => (int)(match >> 32 >> shift) & ((1 << DigitBits) - 1);
        }

        return matches;
    }

    /// <summary>
    /// Puts the records in the order of the first bits of their keys, otherwise in their own; returns where each such stretch starts, and the last one ends. An entry has a record's number in its
    /// low half and 32 further bits of its key in the high half.
    /// </summary>
    private int[] Divide(ReadOnlySpan<ulong> keys, ReadOnlySpan<int> records, int tableBits)
    {
        var starts = new int[(1 << tableBits) + 1];
        foreach (var record in records)
        {
            starts[TableOf(keys[record], tableBits) + 1] += keys[record] == 0 ? 0 : 1;
        }

        for (var table = 1; table < starts.Length; table++)
        {
            starts[table] += starts[table - 1];
        }

        var next = (int[])starts.Clone();
        entries = entries.Length < starts[^1] ? new ulong[starts[^1]] : entries;
        foreach (var record in records)
        {
            var key = keys[record];
            if (key != 0)
            {
                entries[next[TableOf(key, tableBits)]++] = ((key << tableBits) & 0xffff_ffff_0000_0000) | (uint)record;
            }
        }

        return starts;
    }

    // Shifting by 64 would shift by nothing.
    private static int TableOf(ulong key, int tableBits) => (int)(key >> 1 >> (63 - tableBits));

    private static void Match(ReadOnlySpan<ulong> entries, ulong[] slots, int shift, ReadOnlySpan<ulong> keys, List<ulong> matches)
    {
        foreach (var entry in entries)
        {
            var record = (uint)entry;
            for (var place = (int)(entry >> shift); ; place = (place + 1) & (slots.Length - 1))
            {
                var slot = slots[place];
                if (slot == 0)
                {
                    slots[place] = entry + 1; // the number from 1: an empty slot is 0
                    break;
                }

                var first = (uint)slot - 1;
                if ((slot ^ entry) >> 32 == 0 && keys[(int)first] == keys[(int)record])
                {
                    matches.Add(((ulong)first << 32) | record);
                    break;
                }
            }
        }
    }
}
