using System.Numerics;
using DatasetBuild.Records;

namespace DatasetBuild.Selection;

/// <summary>
/// Keeps one record of each content: the one with the highest priority, then the first in canonical order. METHODS: exact hash, section 12.1.
/// </summary>
public static class DuplicateSelector
{
    /// <summary>Drops all but one of the records that share a hash, and notes which one survives. Linear; 8 to 16 bytes a record while it runs.</summary>
    /// <param name="stage">The stage's number, noted with each drop.</param>
    /// <param name="records">The records that have a hash, ascending.</param>
    /// <param name="hashOf">The hash of each record of the pool: a cryptographic one, of which the first bits are taken as random.</param>
    /// <param name="priorityOf">The declared priority of a record; null where all have the same.</param>
    /// <param name="fates">Receives the drops.</param>
    public static void Apply(int stage, ReadOnlySpan<int> records, RecordKey[] hashOf, Func<int, int>? priorityOf, Fates fates)
    {
        if (priorityOf is not null)
        {
            // A stable sort: canonical order stays what it is inside a priority.
            records = records.ToArray().OrderByDescending(priorityOf).ToArray();
        }

        // Whoever comes first with a hash survives, so an open table from hash to first comer is all that is needed.
        var bits = Math.Min(30, BitOperations.Log2((uint)Math.Max(records.Length, 1)) + 2);
        var shift = 64 - bits;
        var slots = new int[1 << bits];
        foreach (var record in records)
        {
            var slot = (int)(hashOf[record].High >> shift);
            while (true)
            {
                var survivor = slots[slot] - 1;
                if (survivor < 0)
                {
                    slots[slot] = record + 1;
                    break;
                }

                if (hashOf[survivor] == hashOf[record])
                {
                    fates.DropDuplicate(record, stage, survivor);
                    break;
                }

                slot = (slot + 1) & (slots.Length - 1);
            }
        }
    }
}
