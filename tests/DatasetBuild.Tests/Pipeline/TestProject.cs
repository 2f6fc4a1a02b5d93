using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Scoring;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>A project as MSBuild would describe it, in a folder of its own, with cache, state and outputs inside.</summary>
internal sealed class TestProject
{
    public TestProject(string root, string? cache = null)
    {
        Root = root;
        CachePath = cache ?? Path.Combine(root, "cache");
        Directory.CreateDirectory(Root);
    }

    public string Root { get; }

    public string CachePath { get; set; }

    public ILanguageModelLoader? Models { get; init; }

    public string StatePath => Path.Combine(Root, "obj", "dataset") + "/";

    public string OutputPath => Path.Combine(Root, "bin", "dataset") + "/";

    public string ReportPath => Path.Combine(Root, "bin", "dataset.report") + "/";

    public string ProjectFile => Path.Combine(Root, "pool.csproj");

    public string PlanPath => Path.Combine(StatePath, "plan.json");

    public Dictionary<string, string> Properties { get; init; } = new() { ["DatasetThreads"] = "2" };

    public List<(string Name, Dictionary<string, string> Metadata)> Shards { get; init; } = [];

    public List<(string Name, Dictionary<string, string> Metadata)> Bases { get; init; } = [];

    public List<(string Name, Dictionary<string, string> Metadata)> Stages { get; init; } = [];

    /// <summary>Files of DatasetEvaluation items.</summary>
    public List<(string Name, Dictionary<string, string> Metadata)> Evaluation { get; init; } = [];

    public string Shard(string name, params string[] lines) => Shard(name, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));

    public string Shard(string name, byte[] content, params (string Name, string Value)[] metadata)
    {
        var path = Write(name, content);
        Shards.RemoveAll(shard => shard.Name == name);
        Shards.Add((name, metadata.ToDictionary()));
        return path;
    }

    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    /// <summary>Writes a file of evaluation items and declares it.</summary>
    public TestProject Evaluate(string name, IEnumerable<string> lines, params (string Name, string Value)[] metadata)
    {
        Write(name, string.Concat(lines.Select(line => line + "\n")));
        Evaluation.RemoveAll(file => file.Name == name);
        Evaluation.Add((name, metadata.ToDictionary()));
        return this;
    }

    public TestProject Stage(string name, params (string Name, string Value)[] metadata)
    {
        Stages.Add((name, metadata.ToDictionary()));
        return this;
    }

    public Build Build(Action<string>? onProgress = null, CancellationToken cancel = default)
    {
        Directory.CreateDirectory(StatePath);
        File.WriteAllText(PlanPath, PlanJson());
        var build = new Build(onProgress);
        build.Result = DatasetBuilder.Build(Plan.Load(PlanPath), build, cancel, models: Models);
        return build;
    }

    /// <summary>Builds, and gives the error that ended the build where one did.</summary>
    public (Build? Build, string? Error) TryBuild()
    {
        var build = new Build(null);
        try
        {
            Directory.CreateDirectory(StatePath);
            File.WriteAllText(PlanPath, PlanJson());
            build.Result = DatasetBuilder.Build(Plan.Load(PlanPath), build, CancellationToken.None, models: Models);
            return (build, null);
        }
        catch (DatasetException error)
        {
            return (build, error.Diagnostic.ToString().Replace(Root, "", StringComparison.Ordinal));
        }
        catch (BuildFailedException)
        {
            return (build, string.Join('\n', build.Diagnostics).Replace(Root, "", StringComparison.Ordinal));
        }
    }

    public Diagnostic Fails() => Should.Throw<DatasetException>(() => Build()).Diagnostic;

    /// <summary>The last build's result, if nothing but stamps of inputs changed since.</summary>
    public BuildResult? Touched(CancellationToken cancel = default)
    {
        File.WriteAllText(PlanPath, PlanJson());
        return DatasetBuilder.TryTouched(Plan.Load(PlanPath), new Build(null), cancel);
    }

    public BuildResult? UpToDate() => DatasetBuilder.TryUpToDate(PlanPath, StatePath, out _);

    public JsonNode Manifest() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(OutputPath, ".datasetbuild", "manifest.json")))!;

    /// <summary>The lines of the subset, over all files in order of their names.</summary>
    public List<string> Lines(string split = "train") =>
        [.. Directory.GetFiles(Path.Combine(OutputPath, split)).Order(StringComparer.Ordinal).SelectMany(File.ReadAllLines)];

    /// <summary>Every file of the outputs, with its digest, in the order of their names: each file system lists them in one of its own.</summary>
    public Dictionary<string, string> Snapshot() => new[] { OutputPath, ReportPath }
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        .Order(StringComparer.Ordinal)
        .ToDictionary(path => Path.GetRelativePath(Root, path), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));

    public string PlanJson()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteString("project", ProjectFile);
            json.WriteString("outputPath", OutputPath);
            json.WriteString("reportPath", ReportPath);
            json.WriteString("statePath", StatePath);
            json.WriteString("cachePath", CachePath);
            Pairs("properties", Properties);
            Files("shards", Shards);
            Files("base", Bases);
            Files("evaluation", Evaluation);
            json.WriteStartArray("stages");
            foreach (var (name, metadata) in Stages)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                Pairs("metadata", metadata);
                json.WriteString("definedIn", ProjectFile);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();

            void Files(string list, List<(string Name, Dictionary<string, string> Metadata)> files)
            {
                json.WriteStartArray(list);
                foreach (var (name, metadata) in files)
                {
                    json.WriteStartObject();
                    json.WriteString("path", Path.Combine(Root, name));
                    Pairs("metadata", metadata);
                    json.WriteString("definedIn", ProjectFile);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            void Pairs(string name, Dictionary<string, string> pairs)
            {
                json.WriteStartObject(name);
                foreach (var (key, value) in pairs)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}

/// <summary>What a build said and did.</summary>
internal sealed class Build(Action<string>? onProgress) : IBuildObserver
{
    public BuildResult Result { get; set; } = null!;

    public List<Diagnostic> Diagnostics { get; } = [];

    public List<StageSummary> Stages { get; } = [];

    public int Scored => Stages.Sum(stage => stage.Scored);

    public StageSummary this[string stage] => Stages.Single(summary => summary.Name == stage);

    public void Report(Diagnostic diagnostic) => Diagnostics.Add(diagnostic);

    /// <summary>How far each step came, each time that it said so.</summary>
    public List<(string Step, long Done, long Total, long Cached)> Ticks { get; } = [];

    public void Progress(string step, long done, long total, long cached, long tokens = 0)
    {
        Ticks.Add((step, done, total, cached));
        onProgress?.Invoke(step);
    }

    public void StageDone(StageSummary stage)
    {
        Stages.Add(stage);
        onProgress?.Invoke(stage.Name);
    }
}
