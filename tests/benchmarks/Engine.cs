using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tasks;

namespace DatasetBuild.Benchmarks;

/// <summary>The engine that a package brings to this machine, and a project for it to build.</summary>
internal sealed class Engine
{
    private readonly string folder;
    private readonly string[] command;

    public Engine(string folder)
    {
        this.folder = folder;
        var assembly = new Packages(folder).UnpackEngine(Path.Combine(folder, "engine"));
        Form = FormOf(assembly);
        var (program, arguments) = PackagedEngine.Command(assembly);
        command = [program, .. arguments];
    }

    /// <summary>What a build starts on this machine: without the compilers for it, starting costs more than it does a user.</summary>
    public string Form { get; }

    public static string FormOf(string assembly) =>
        NativeEngine.Beside(assembly) is { } program ? $"of machine code for {Path.GetFileName(Path.GetDirectoryName(program))}"
        : Path.GetFileName(Path.GetDirectoryName(assembly)) != "any" ? "compiled ahead of time"
        : "compiled while it runs";

    /// <summary>Writes a plan over the given shards: ExactDedup, then the longest responses in bytes.</summary>
    public string WritePlan(string name, IEnumerable<string> shards, string keep) => WritePlan(
        name,
        shards,
        ("ExactDedup", []),
        ("Longest", new() { ["Kind"] = "TokenLength", ["Counter"] = "Bytes", ["Part"] = "Response", ["Keep"] = keep }));

    /// <summary>Writes a plan over the given shards with any stages.</summary>
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

    public Cost Build(string plan) => Measurement.Run(folder, new Dictionary<string, string>(), [.. command, "engine", plan]);

    /// <summary>Changes a shard so that all of its records are new, and the cache knows all else.</summary>
    /// <exception cref="InvalidOperationException">It has no message to change: what was measured would be a build with nothing to do.</exception>
    public static void Renew(string shard, int generation)
    {
        const string Content = "\"content\": \"";
        var text = File.ReadAllText(shard);
        if (!text.Contains(Content, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"'{shard}' has no record with {Content}…\", and so none that can be made a new one.");
        }

        File.WriteAllText(shard, text.Replace($"{Content}[{generation - 1}] ", Content, StringComparison.Ordinal).Replace(Content, $"{Content}[{generation}] ", StringComparison.Ordinal));
    }

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
