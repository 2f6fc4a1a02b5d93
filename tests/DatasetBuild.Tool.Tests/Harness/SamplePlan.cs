using System.Text.Json;

namespace DatasetBuild.Tool.Tests.Harness;

/// <summary>A project in a temporary folder as its plan, so that no MSBuild is needed; with a cache of its own.</summary>
internal sealed class SamplePlan : IDisposable
{
    private readonly List<object> stages = [];
    private readonly SortedSet<string> shards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> properties = [];
    private readonly List<object> evaluation = [];

    public string Folder { get; private set; } = Directory.CreateTempSubdirectory("dataset-tool-").FullName;

    public string File => PathOf("obj/dataset/plan.json");

    public string CachePath => PathOf("cache") + "/";

    public string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>Writes a shard and makes it part of the project.</summary>
    public SamplePlan Shard(string name, params IEnumerable<string> lines)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, string.Concat(lines.Select(line => line + "\n")));
        shards.Add(name);
        return Save();
    }

    public SamplePlan WithoutShard(string name)
    {
        shards.Remove(name);
        System.IO.File.Delete(PathOf(name));
        return Save();
    }

    public SamplePlan Stage(string name, params (string Name, string Value)[] metadata)
    {
        stages.Add(new { name, metadata = metadata.ToDictionary(pair => pair.Name, pair => pair.Value), definedIn = PathOf("sample.csproj") });
        return Save();
    }

    /// <summary>Writes a file of evaluation items, whose field `question` counts, and makes it part of the project.</summary>
    public SamplePlan Evaluation(string name, params IEnumerable<string> questions)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        System.IO.File.WriteAllLines(PathOf(name), questions.Select(question => JsonSerializer.Serialize(new { question })));
        evaluation.Add(new { path = PathOf(name), metadata = new Dictionary<string, string> { ["Fields"] = "question" }, definedIn = PathOf("sample.csproj") });
        return Save();
    }

    public SamplePlan WithoutStages()
    {
        stages.Clear();
        return Save();
    }

    public SamplePlan Property(string name, string value)
    {
        properties[name] = value;
        return Save();
    }

    /// <summary>Gives everything that the builds wrote new times, as a copy or a checkout does.</summary>
    public void TouchOutputs()
    {
        foreach (var path in Directory.EnumerateFiles(PathOf("bin"), "*", SearchOption.AllDirectories))
        {
            System.IO.File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
        }
    }

    /// <summary>The project with all that belongs to it in another folder.</summary>
    public void Move()
    {
        var moved = Folder + "-moved";
        Directory.Move(Folder, moved);
        Folder = moved;
        Save();
    }

    public ToolOutput Run(string command, params string[] arguments) => DatasetTool.Run([command, File, .. arguments]);

    public ToolOutput Build() => Run("build").ShouldExitWith(0);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private SamplePlan Save()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, JsonSerializer.Serialize(new
        {
            version = 1,
            project = PathOf("sample.csproj"),
            outputPath = PathOf("bin/dataset/"),
            reportPath = PathOf("bin/dataset.report/"),
            statePath = PathOf("obj/dataset/"),
            cachePath = CachePath,
            properties,
            shards = shards.Select(name => new { path = PathOf(name), metadata = new Dictionary<string, string>(), definedIn = PathOf("sample.csproj") }),
            evaluation,
            stages,
        }));
        return this;
    }
}
