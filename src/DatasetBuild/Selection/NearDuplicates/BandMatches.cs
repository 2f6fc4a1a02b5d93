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
    /// <param name="keys">The keys, in any order; 0 is none.</param>
    /// <param name="slots">Where among them the key of each record stands.</param>
    /// <param name="records">What stands for each record in the matches, ascending.</param>
    public ulong[] Find(ReadOnlySpan<ulong> keys, ReadOnlySpan<int> slots, ReadOnlySpan<int> records)
    {
        var tableBits = BitOperations.Log2((uint)Math.Clamp(records.Length / RecordsPerTable, 1, MaxTables));
        var starts = Divide(keys, slots, tableBits);
        var largest = 1;
        for (var table = 0; table < starts.Length - 1; table++)
        {
            largest = Math.Max(largest, starts[table + 1] - starts[table]);
        }

        var slotBits = BitOperations.Log2((uint)largest) + 2;
        var seen = new ulong[1 << slotBits];
        var matches = new List<ulong>();
        for (var table = 0; table < starts.Length - 1; table++)
        {
            Array.Clear(seen);
            Match(entries.AsSpan(starts[table], starts[table + 1] - starts[table]), seen, 64 - slotBits, keys, slots, matches);
        }

        // By place so far, and places ascend as the records do.
        var sorted = SortByFirst([.. matches], records.Length);
        foreach (ref var match in sorted.AsSpan())
        {
            match = ((ulong)records[(int)(match >> 32)] << 32) | (uint)records[(int)(uint)match];
        }

        return sorted;
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
    /// Puts the records in the order of the first bits of their keys, otherwise in their own; returns where each such stretch starts, and the last one ends. An entry has a record's place in its
    /// low half and 32 further bits of its key in the high half.
    /// </summary>
    private int[] Divide(ReadOnlySpan<ulong> keys, ReadOnlySpan<int> slots, int tableBits)
    {
        var starts = new int[(1 << tableBits) + 1];
        foreach (var slot in slots)
        {
            starts[TableOf(keys[slot], tableBits) + 1] += keys[slot] == 0 ? 0 : 1;
        }

        for (var table = 1; table < starts.Length; table++)
        {
            starts[table] += starts[table - 1];
        }

        var next = (int[])starts.Clone();
        entries = entries.Length < starts[^1] ? new ulong[starts[^1]] : entries;
        for (var place = 0; place < slots.Length; place++)
        {
            var key = keys[slots[place]];
            if (key != 0)
            {
                entries[next[TableOf(key, tableBits)]++] = ((key << tableBits) & 0xffff_ffff_0000_0000) | (uint)place;
            }
        }

        return starts;
    }

    // Shifting by 64 would shift by nothing.
    private static int TableOf(ulong key, int tableBits) => (int)(key >> 1 >> (63 - tableBits));

    private static void Match(ReadOnlySpan<ulong> entries, ulong[] seen, int shift, ReadOnlySpan<ulong> keys, ReadOnlySpan<int> slots, List<ulong> matches)
    {
        foreach (var entry in entries)
        {
            var place = (uint)entry;
            for (var at = (int)(entry >> shift); ; at = (at + 1) & (seen.Length - 1))
            {
                var other = seen[at];
                if (other == 0)
                {
                    seen[at] = entry + 1; // the place from 1: nothing yet is 0
                    break;
                }

                var first = (uint)other - 1;
                if ((other ^ entry) >> 32 == 0 && keys[slots[(int)first]] == keys[slots[(int)place]])
                {
                    matches.Add(((ulong)first << 32) | place);
                    break;
                }
            }
        }
    }
}
