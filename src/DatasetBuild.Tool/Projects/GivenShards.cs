using System.CommandLine;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Tool.Commands;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Projects;

/// <summary>The shards of a project, or data files that need none.</summary>
/// <param name="Shards">In order.</param>
/// <param name="MaxRecordBytes">A larger record is an error.</param>
/// <param name="Project">The project's plan, or null for plain files.</param>
internal sealed record GivenShards(IReadOnlyList<PlanShard> Shards, int MaxRecordBytes, Plan? Project)
{
    private const int DefaultMaxRecordBytes = 64 << 20;

    public static Argument<string[]> Argument() => new("PROJECT|FILES")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A project, or data files, which need no project. The default is the project in the current folder.",
    };

    /// <param name="paths">A project or the folder of one; else files. Nothing stands for the project in the current folder.</param>
    /// <param name="project">Reads the request for a project.</param>
    /// <param name="screen">Where MSBuild's complaints go.</param>
    /// <param name="stop">Stops MSBuild.</param>
    public static GivenShards Of(IReadOnlyList<string> paths, Func<string?, ProjectRequest> project, Screen screen, StopRequest stop)
    {
        if (paths.Count > 1 || (paths.Count == 1 && !ProjectRequest.IsProject(paths[0]) && !Directory.Exists(paths[0])))
        {
            return new GivenShards([.. paths.Select(path => new PlanShard(path, Path.GetFullPath(path), ShapeOptions.Detect, 0))], DefaultMaxRecordBytes, null);
        }

        var plan = ProjectPlan.Current(project(paths.Count > 0 ? paths[0] : null), screen, stop);
        return plan.Shards.Count == 0
            ? throw new UsageException("the project has no DatasetShard, or none that exists. Declare the data with <DatasetShard Include=\"data/**/*.jsonl\" />.")
            : new GivenShards(plan.Shards, new Settings(plan).MaxRecordBytes, plan);
    }
}
