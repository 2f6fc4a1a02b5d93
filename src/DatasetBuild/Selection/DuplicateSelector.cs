using DatasetBuild.Records;

namespace DatasetBuild.Selection;

/// <summary>
/// Keeps one record of each content: the one with the highest priority, then the first in canonical order. METHODS: exact hash, section 12.1.
/// </summary>
public static class DuplicateSelector
{
    /// <summary>Drops all but one of the records that share a hash, and notes which one survives.</summary>
    /// <param name="stage">The stage's number, noted with each drop.</param>
    /// <param name="byHash">Record numbers, equal hashes side by side, ascending inside a hash; dropped records are passed over.</param>
    /// <param name="hashOf">The hash of each record of the pool.</param>
    /// <param name="priorityOf">The declared priority of a record.</param>
    /// <param name="fates">Receives the drops.</param>
    public static void Apply(int stage, ReadOnlySpan<int> byHash, RecordKey[] hashOf, Func<int, int> priorityOf, Fates fates)
    {
        var from = 0;
        while (from < byHash.Length)
        {
            var hash = hashOf[byHash[from]];
            var to = from + 1;
            while (to < byHash.Length && hashOf[byHash[to]] == hash)
            {
                to++;
            }

            if (to - from > 1)
            {
                KeepOne(stage, byHash[from..to], priorityOf, fates);
            }

            from = to;
        }
    }

    private static void KeepOne(int stage, ReadOnlySpan<int> equal, Func<int, int> priorityOf, Fates fates)
    {
        var survivor = -1;
        foreach (var record in equal)
        {
            if (fates.IsAlive(record) && (survivor < 0 || priorityOf(record) > priorityOf(survivor)))
            {
                survivor = record;
            }
        }

        foreach (var record in equal)
        {
            if (record != survivor && fates.IsAlive(record))
            {
                fates.DropDuplicate(record, stage, survivor);
            }
        }
    }
}
