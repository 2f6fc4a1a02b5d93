using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>What a stage leaves behind: for people, for the manifest, and for whoever asks about one record.</summary>
/// <param name="Facts">What it cost.</param>
/// <param name="Scores">The values by record, or null where the stage has no number to show.</param>
/// <param name="Cuts">Where the selection fell, one for each group.</param>
internal sealed record StageOutcome(ScoringFacts Facts, Scores? Scores, IReadOnlyList<GroupCut> Cuts)
{
    /// <summary>For each record of the pool: 0 not entered, 1 a value, otherwise why there is none; null where all have one.</summary>
    public byte[]? States { get; init; } = Scores?.State;

    /// <summary>Which records share words with which evaluation item; null where the stage does not look for that.</summary>
    public SharedByRecord? Matches { get; init; }

    /// <summary>How many records the stage marked and kept; null where it marks none by design.</summary>
    public int? Marked { get; init; }
}
