using System.Text.Json;

namespace DatasetBuild.Benchmarks;

/// <summary>The engine that a package brings to this machine, and a project for it to build.</summary>
internal sealed class Engine
{
    private readonly string folder;
    private readonly string assembly;

    public Engine(string folder)
    {
        this.folder = folder;
        var packages = new Packages(folder);
        IsAheadOfTime = packages.IsAheadOfTime;
        assembly = packages.UnpackEngine(Path.Combine(folder, "engine"));
    }

    /// <summary>False where the compiler could not be restored: then starting costs more than it does a user.</summary>
    public bool IsAheadOfTime { get; }

    /// <summary>Writes a plan over the given shards: ExactDedup, then the longest responses in bytes.</summary>
    public string WritePlan(string name, IEnumerable<string> shards, string keep) => WritePlan(
        name,
        shards,
        ("ExactDedup", new()),
        ("Longest", new() { ["Kind"] = "TokenLength", ["Counter"] = "Bytes", ["Part"] = "Response", ["Keep"] = keep }));

    /// <summary>Writes a plan over the given shards and stages.</summary>
    public string WritePlan(string name, IEnumerable<string> shards, params (string Name, Dictionary<string, string> Metadata)[] stages)
    {
        var state = Path.Combine(folder, name);
        Directory.CreateDirectory(state);
        var plan = Path.Combine(state, "plan.json");
        File.WriteAllText(plan, JsonSerializer.Serialize(new
        {
            version = 1,
            project = Path.Combine(folder, "benchmark.csproj"),
            outputPath = Path.Combine(folder, name + ".dataset") + "/",
            reportPath = Path.Combine(folder, name + ".report") + "/",
            statePath = state + "/",
            cachePath = Path.Combine(folder, name + ".cache"),
            properties = new Dictionary<string, string>(),
            shards = shards.Select(path => new { path, metadata = new Dictionary<string, string>(), definedIn = "" }),
            stages = stages.Select(stage => new { name = stage.Name, metadata = stage.Metadata, definedIn = "" }),
        }));
        return plan;
    }

    public Cost Build(string plan) => Measurement.Run(folder, new Dictionary<string, string>(), "dotnet", "exec", assembly, "engine", plan);

    /// <summary>Removes all that builds of a plan left.</summary>
    public void Forget(string name)
    {
        foreach (var suffix in (string[])[".dataset", ".report", ".cache"])
        {
            if (Directory.Exists(Path.Combine(folder, name + suffix)))
            {
                Directory.Delete(Path.Combine(folder, name + suffix), recursive: true);
            }
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, name), "*.blk"))
        {
            File.Delete(file);
        }
    }
}
