using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>
/// The least record key of each record's cluster: of itself and of all that were dropped for it, at whatever stage. It decides which side of a split the cluster is on, so that a
/// survivor that goes leaves the side to the one that takes its place.
/// </summary>
internal static class ClusterKeys
{
    /// <summary>By record; of those that were dropped no meaning.</summary>
    public static RecordKey[] Of(Analysis analysis)
    {
        var (pool, fates) = (analysis.Pool, analysis.Fates);
        var keys = (RecordKey[])pool.Keys.Clone();
        var drops = fates.DropsIn(0, pool.Count);

        // Stage by stage: a survivor of one stage may be dropped for another's at a later one, with all that it stands for.
        for (var stage = 0; stage < analysis.Stages.Count; stage++)
        {
            for (var record = 0; record < drops.Length; record++)
            {
                if (drops[record] == stage + 1 && fates.Twin(record) is >= 0 and var twin && twin < keys.Length && keys[record] < keys[twin])
                {
                    keys[twin] = keys[record];
                }
            }
        }

        return keys;
    }
}
