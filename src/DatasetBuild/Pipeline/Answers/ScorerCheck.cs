using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>A stored score that is not what the scorer gives.</summary>
/// <param name="Project">The project file of a project that holds the record.</param>
/// <param name="Stage">A stage of it that has the scorer.</param>
/// <param name="Identity">The scorer's identity, as canonical text.</param>
/// <param name="Key">The record.</param>
/// <param name="Shard">The full path of the shard that it stands in.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Stored">What is stored, in words.</param>
/// <param name="Again">What scoring it again gives.</param>
public sealed record ScoreDifference(string Project, string Stage, string Identity, RecordKey Key, string Shard, int Line, string Stored, string Again);

/// <summary>What scoring a sample of one scorer's stored values again found.</summary>
/// <param name="Folder">The name of the scorer's folder in the store.</param>
/// <param name="Identity">The canonical text, or null where it is lost.</param>
/// <param name="Stored">How many records the store knows a value of, or why they have none.</param>
/// <param name="Reachable">How many of them stand in the projects that were looked at; the others cannot be scored again.</param>
/// <param name="Sampled">How many were scored again.</param>
/// <param name="Differences">Those whose value is another, by key.</param>
public sealed record ScorerCheck(string Folder, string? Identity, long Stored, long Reachable, int Sampled, IReadOnlyList<ScoreDifference> Differences)
{
    public int Equal => Sampled - Differences.Count;
}
