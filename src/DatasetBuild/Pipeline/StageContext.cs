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
    public static ScoringFacts operator +(ScoringFacts left, ScoringFacts right) => new(left.Scored + right.Scored, left.Cached + right.Cached);

    public static ScoringFacts Add(ScoringFacts left, ScoringFacts right) => left + right;
}

/// <summary>What a stage leaves behind: for people, for the manifest, and for whoever asks about one record.</summary>
/// <param name="Facts">What it cost.</param>
/// <param name="Scores">The values by record, or null where the stage has no number to show.</param>
/// <param name="Cuts">Where the selection fell, one for each group.</param>
internal sealed record StageOutcome(ScoringFacts Facts, Scores? Scores, IReadOnlyList<GroupCut> Cuts)
{
    /// <summary>For each record of the pool: 0 not entered, 1 a value, otherwise why there is none; null where all have one.</summary>
    public byte[]? States { get; init; } = Scores?.State;
}

/// <summary>One stage of a build: a scorer and a selector under one name.</summary>
internal abstract class Stage(string name, string kind)
{
    public string Name { get; } = name;

    public string Kind { get; } = kind;

    /// <summary>The identities of the scorers behind the stage, as text; they stand in the manifest.</summary>
    public abstract IReadOnlyList<string> Identities { get; }

    /// <summary>The parameters that select, as the manifest shows them.</summary>
    public required IReadOnlyList<(string Name, string Value)> Parameters { get; init; }

    public abstract StageOutcome Run(StageContext context);
}
