namespace DatasetBuild.Reporting;

/// <summary>What one stage did. <paramref name="Scored"/> and <paramref name="Cached"/> are facts of this run; the others follow from the data.</summary>
public sealed record StageSummary(string Name, string Kind, int Entered, int Kept, int Dropped, int Missing, int Scored, int Cached)
{
    /// <summary>Why records were dropped: how many for each reason.</summary>
    public IReadOnlyList<(string Reason, int Count)> Reasons { get; init; } = [];
}
