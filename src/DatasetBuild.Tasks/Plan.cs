using Microsoft.Build.Framework;

namespace DatasetBuild.Tasks;

/// <summary>The evaluated project: all that the engine knows of it. The format is described beside the engine, in PLAN.md.</summary>
internal sealed record Plan(
    string Project,
    string OutputPath,
    string ReportPath,
    string StatePath,
    string CachePath,
    IReadOnlyList<ITaskItem> Settings,
    IReadOnlyList<Shard> Shards,
    IReadOnlyList<ITaskItem> Stages)
{
    /// <summary>Files of records that were selected elsewhere before.</summary>
    public IReadOnlyList<Shard> Base { get; init; } = [];

    /// <summary>Files of records that models are evaluated on.</summary>
    public IReadOnlyList<Shard> Evaluation { get; init; } = [];
}

/// <summary>One input file, with what the project says about how to read it.</summary>
internal sealed record Shard(string Path, SortedDictionary<string, string> Metadata, string DefinedIn);
