using System.Numerics;
using DatasetBuild.Records;

namespace DatasetBuild.Selection;

/// <summary>
/// Keeps one record of each content: the one with the highest priority, then the first in canonical order. METHODS: exact hash, section 12.1.
/// </summary>
public static class DuplicateSelector
{
    /// <summary>So many records go into one table, which then stays in the processor's own cache.</summary>
    private const int RecordsPerTable = 1024;

    private const int MaxTables = 1 << 14;

    /// <summary>Drops all but one of the records that share a hash, and notes which one survives. Linear; 8 bytes a record while it runs.</summary>
    /// <param name="stage">The stage's number, noted with each drop.</param>
    /// <param name="records">The records that have a hash, ascending.</param>
    /// <param name="hashOf">The hash of each record of the pool: a cryptographic one, of which any bits are taken as random.</param>
    /// <param name="priorityOf">The declared priority of a record; null where all have the same.</param>
    /// <param name="fates">Receives the drops.</param>
    public static void Apply(int stage, int[] records, RecordKey[] hashOf, Func<int, int>? priorityOf, Fates fates)
    {
        if (priorityOf is not null)
        {
            // A stable sort: canonical order stays what it is inside a priority.
            records = [.. records.OrderByDescending(priorityOf)];
        }

        Find(records, hashOf, (record, first) => fates.DropDuplicate(record, stage, first));
    }

    /// <summary>Tells of each record that is not the first with its hash, and which one is.</summary>
    /// <param name="records">In the order of preference.</param>
    /// <param name="hashOf">The hash of each record.</param>
    /// <param name="onDuplicate">Hears of the record and of the first with its hash.</param>
    public static void Find(int[] records, RecordKey[] hashOf, Action<int, int> onDuplicate)
    {
        var tableBits = BitOperations.Log2((uint)Math.Clamp(records.Length / RecordsPerTable, 1, MaxTables));
        var (entries, starts) = Divide(records, hashOf, tableBits);
        var largest = 1;
        for (var table = 0; table < starts.Length - 1; table++)
        {
            largest = Math.Max(largest, starts[table + 1] - starts[table]);
        }

        // Whoever comes first with a hash survives, so an open table from hash to first comer is all that is needed.
        var slotBits = BitOperations.Log2((uint)largest) + 2;
        var slots = new ulong[1 << slotBits];
        for (var table = 0; table < starts.Length - 1; table++)
        {
            Array.Clear(slots);
            DropDuplicates(entries, starts[table], starts[table + 1], slots, 64 - slotBits, hashOf, onDuplicate);
        }
    }

    /// <summary>
    /// The records by the first bits of their hashes, otherwise in their order. An entry has a record's number in its low half and 32 further bits of its
    /// hash in the high half, so that a neighbour is told from a twin without a look at its hash.
    /// </summary>
    private static (ulong[] Entries, int[] Starts) Divide(int[] records, RecordKey[] hashOf, int tableBits)
    {
        var starts = new int[(1 << tableBits) + 1];
        foreach (var record in records)
        {
            starts[TableOf(hashOf[record].High, tableBits) + 1]++;
        }

        for (var table = 1; table < starts.Length; table++)
        {
            starts[table] += starts[table - 1];
        }

        var next = (int[])starts.Clone();
        var entries = new ulong[records.Length];
        foreach (var record in records)
        {
            var high = hashOf[record].High;
            entries[next[TableOf(high, tableBits)]++] = ((high << tableBits) & 0xffff_ffff_0000_0000) | (uint)record;
        }

        return (entries, starts);
    }

    // Shifting by 64 would shift by nothing.
    private static int TableOf(ulong high, int tableBits) => (int)(high >> 1 >> (63 - tableBits));

    private static void DropDuplicates(ulong[] entries, int from, int to, ulong[] slots, int shift, RecordKey[] hashOf, Action<int, int> onDuplicate)
    {
        for (var i = from; i < to; i++)
        {
            var entry = entries[i];
            var record = (int)(uint)entry;
            var place = (int)(entry >> shift);
            while (true)
            {
                var slot = slots[place];
                if (slot == 0)
                {
                    slots[place] = entry + 1; // the number from 1: an empty slot is 0
                    break;
                }

                var other = (int)(uint)slot - 1;
                if ((slot ^ entry) >> 32 == 0 && hashOf[other] == hashOf[record])
                {
                    onDuplicate(record, other);
                    break;
                }

                place = (place + 1) & (slots.Length - 1);
            }
        }
    }
}
