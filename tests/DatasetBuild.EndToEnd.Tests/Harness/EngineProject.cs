using System.Diagnostics;
using System.Text.Json;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>A project as the engine sees it: shards, and a plan that the test writes in MSBuild's place. Half a second a build instead of three.</summary>
internal sealed class EngineProject : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dataset-engine-").FullName;
    private readonly string place;

    public EngineProject(string place = "clone")
    {
        this.place = place;
        Directory.CreateDirectory(DataPath);
    }

    public Dictionary<string, string> Properties { get; init; } = [];

    /// <summary>The stages' names, each with its metadata.</summary>
    public IReadOnlyList<(string Name, (string Name, string Value)[] Metadata)> Stages { get; init; } = [];

    /// <summary>The engine's assembly; if nobody says otherwise, what users get.</summary>
    public string Engine { get => field ?? PackedFeed.EngineOfTheRun; init; }

    /// <summary>The program that is started and its first arguments, where that is not for the harness to say.</summary>
    public (string Program, string[] Arguments)? Command { get; init; }

    /// <summary>Runs without a fault take place in it; null: each in a process of its own.</summary>
    public ResidentEngine? Resident { get; init; }

    /// <summary>Paths that the plan names besides the files of <see cref="DataPath"/>, whatever lies there.</summary>
    public List<string> ExtraShards { get; } = [];

    public string Folder => Path.Combine(root, place);

    public string DataPath => Path.Combine(Folder, "data");

    public string OutputPath => Path.Combine(Folder, "out", "dataset");

    public string ReportPath => Path.Combine(Folder, "out", "dataset.report");

    public string StatePath => Path.Combine(Folder, "obj", "dataset");

    public string CachePath => SharedCache ?? Path.Combine(Folder, "cache");

    /// <summary>The cache of several projects; null: one of its own.</summary>
    public string? SharedCache { get; init; }

    private string PlanPath => Path.Combine(StatePath, "plan.json");

    public string[] Shards() => SampleProject.FilesUnder(DataPath);

    public EngineProject WriteShard(string name, IEnumerable<string> lines)
    {
        File.WriteAllText(Path.Combine(DataPath, name), string.Concat(lines.Select(line => line + "\n")));
        return this;
    }

    /// <summary>Starts an engine on the project as it is now; its standard input stays open.</summary>
    public Process Start(IReadOnlyDictionary<string, string>? variables = null)
    {
        WritePlan();
        return StartOnPlan(variables);
    }

    /// <summary>Starts an engine on the plan that was written last.</summary>
    public Process StartOnPlan(IReadOnlyDictionary<string, string>? variables = null)
    {
        var (program, arguments) = Command ?? PackagedEngine.Command(Engine, variables);
        return DotNet.Start(Folder, [.. arguments, "engine", PlanPath], variables: variables, keepInputOpen: true, program: program);
    }

    public EngineOutput Run(IReadOnlyDictionary<string, string>? variables = null)
    {
        if (Resident is not null && variables is null)
        {
            WritePlan();
            return Resident.Build(PlanPath);
        }

        using var process = Start(variables);
        return EngineOutput.Of(DotNet.Finish(process));
    }

    /// <summary>The subset of the same data, built from nothing in another place.</summary>
    public Dictionary<string, string> CleanBytes()
    {
        using var clean = BuiltFromNothing();
        return clean.OutputBytes();
    }

    /// <summary>The same data, built from nothing in another place.</summary>
    public EngineProject BuiltFromNothing()
    {
        var clean = new EngineProject("elsewhere/clone") { Properties = Properties, Stages = Stages, Engine = Engine, Resident = Resident };
        foreach (var shard in Shards())
        {
            File.Copy(shard, Path.Combine(clean.DataPath, Path.GetFileName(shard)));
        }

        clean.Run().ShouldSucceed();
        return clean;
    }

    public Dictionary<string, string> OutputBytes() => SampleProject.BytesUnder(OutputPath);

    /// <summary>All that earlier builds left, but not the data.</summary>
    public void Forget()
    {
        foreach (var folder in (string[])[OutputPath, ReportPath, StatePath, CachePath])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Files that only a build that runs may have, in the folders that belong to this project alone.</summary>
    public string[] Leftovers() =>
    [
        .. new[] { OutputPath, ReportPath, StatePath }.SelectMany(SampleProject.FilesUnder)
            .Where(file => Path.GetExtension(file) is ".tmp" or ".new" or ".journal" or ".lock"),
    ];

    public void Dispose()
    {
        try
        {
            Directory.Delete(root, recursive: true);
        }
        catch (IOException)
        {
            // The system clears its temporary folder.
        }
    }

    public void WritePlan()
    {
        var project = Path.Combine(Folder, "sample.csproj");
        Directory.CreateDirectory(StatePath);
        File.WriteAllText(PlanPath, JsonSerializer.Serialize(new
        {
            version = 1,
            project,
            outputPath = OutputPath + "/",
            reportPath = ReportPath + "/",
            statePath = StatePath + "/",
            cachePath = CachePath + "/",
            properties = Properties.Where(property => property.Value.Length > 0).ToDictionary(),
            shards = Shards().Concat(ExtraShards).Select(path => new { path, metadata = new { }, definedIn = project }),
            stages = Stages.Select(stage => new
            {
                name = stage.Name,
                metadata = stage.Metadata.ToDictionary(pair => pair.Name, pair => pair.Value),
                definedIn = project,
            }),
        }));
    }
}
