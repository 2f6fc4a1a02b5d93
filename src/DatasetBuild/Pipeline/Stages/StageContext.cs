using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>What a stage is given: the pool, what has become of its records so far, and which of them enter.</summary>
/// <param name="Session">The build.</param>
/// <param name="Pool">All records.</param>
/// <param name="Fates">Receives what the stage drops.</param>
/// <param name="Number">The stage's number, from 0.</param>
/// <param name="Entered">The records that enter, ascending.</param>
internal sealed record StageContext(BuildSession Session, Pool Pool, Fates Fates, int Number, int[] Entered)
{
    /// <summary>The same stage before all records of the base; null where there is none.</summary>
    public StageContext? OfBase()
    {
        if (Pool.Base is not { Count: > 0 } known)
        {
            return null;
        }

        var all = new int[known.Count];
        for (var record = 0; record < all.Length; record++)
        {
            all[record] = record;
        }

        return new StageContext(Session, known, new Fates(known.Count), Number, all);
    }
}

/// <summary>How many values were made in this build, and how many were found.</summary>
/// <param name="Scored">Values that were made, one for each key.</param>
/// <param name="Cached">Records that entered whose value was found.</param>
internal readonly record struct ScoringFacts(int Scored, int Cached)
{
    /// <summary>How many of those found stood with a shard that did not change.</summary>
    public int FromShards { get; init; }

    /// <summary>How many of those found stood with what a changed shard was before.</summary>
    public int FromEarlierShards { get; init; }

    /// <summary>With those of other records of the same scorer.</summary>
    public ScoringFacts Plus(ScoringFacts other) => new(Scored + other.Scored, Cached + other.Cached)
    {
        FromShards = FromShards + other.FromShards,
        FromEarlierShards = FromEarlierShards + other.FromEarlierShards,
    };

    /// <summary>With those of another scorer for the same records: what was made adds up, and found is a record of which all was found.</summary>
    public ScoringFacts And(ScoringFacts other) => (other.Cached < Cached ? other : this) with { Scored = Scored + other.Scored };
}
