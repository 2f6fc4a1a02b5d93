using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>What a stage is given: the pool, what has become of its records so far, and which of them enter.</summary>
/// <param name="Session">The build.</param>
/// <param name="Pool">All records.</param>
/// <param name="Fates">Receives what the stage drops.</param>
/// <param name="Number">The stage's number, from 0.</param>
/// <param name="Entered">The records that enter, ascending.</param>
internal sealed record StageContext(BuildSession Session, Pool Pool, Fates Fates, int Number, int[] Entered);

/// <summary>How many values were made in this build, and how many were found.</summary>
internal readonly record struct ScoringFacts(int Scored, int Cached)
{
    public ScoringFacts Plus(ScoringFacts other) => new(Scored + other.Scored, Cached + other.Cached);
}
