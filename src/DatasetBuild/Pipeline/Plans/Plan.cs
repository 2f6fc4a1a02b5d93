using System.Security.Cryptography;
using System.Text.Json;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>A stage as the project declares it: its unique name, its item's metadata, and the file that the item stands in.</summary>
public sealed record StageDeclaration(string Name, IReadOnlyDictionary<string, string> Metadata, string DefinedIn);

/// <summary>
/// One input file. <paramref name="Name"/> is its path relative to the project, with '/', or the canonical path that the project declares for it: the
/// name that decides canonical order and stands in manifests and diagnostics.
/// </summary>
public sealed record PlanShard(string Name, string FullPath, ShapeOptions Shape, int Priority)
{
    /// <summary>Of an evaluation file: the fields of the raw item that count, separated by ';'; null: the conversation that it is.</summary>
    public string? Fields { get; init; }
}

/// <summary>The evaluated project: all that the engine knows. See PLAN.md for its JSON.</summary>
public sealed class Plan
{
    private const string EvaluationItem = "DatasetEvaluation";

    private static readonly string[] ShapeNames = ["Dialect", "PromptField", "ResponseField", "SystemField", "MessagesField", "TextField"];

    private readonly RealPaths realPaths = new();

    private Plan(JsonElement root, byte[] json)
    {
        Json = json;
        Digest = SHA256.HashData(json);
        Project = AbsolutePath(root, "project");
        ProjectDirectory = Path.GetDirectoryName(Project) ?? throw new FormatException("'project' is no file");
        OutputPath = AbsolutePath(root, "outputPath");
        ReportPath = AbsolutePath(root, "reportPath");
        StatePath = AbsolutePath(root, "statePath");
        CachePath = Text(root, "cachePath").Length > 0 ? AbsolutePath(root, "cachePath") : UserFolders.Cache;
        Properties = Texts(root.GetProperty("properties"));
        Stages = ReadStages(root.GetProperty("stages"));
        Shards = ReadShards(root, "shards", "DatasetShard");
        Base = ReadShards(root, "base", "DatasetBase");
        Evaluation = ReadShards(root, "evaluation", EvaluationItem);
    }

    /// <summary>SHA-256 of the plan's bytes.</summary>
    public byte[] Digest { get; }

    /// <summary>The plan as it was read.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    public string Project { get; }

    public string ProjectDirectory { get; }

    public string ProjectName => Path.GetFileNameWithoutExtension(Project);

    public string OutputPath { get; }

    public string ReportPath { get; }

    public string StatePath { get; }

    public string CachePath { get; }

    public IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>In canonical order: by name, ordinal.</summary>
    public IReadOnlyList<PlanShard> Shards { get; }

    /// <summary>Files of records that were selected elsewhere before.</summary>
    public IReadOnlyList<PlanShard> Base { get; }

    /// <summary>Files of records that models are evaluated on.</summary>
    public IReadOnlyList<PlanShard> Evaluation { get; }

    public IReadOnlyList<StageDeclaration> Stages { get; }

    public static Plan Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(ProjectCodes.InvalidPlan, $"the plan cannot be read ({error.Message}). Build the project: that writes it.", path, inner: error);
        }

        return Parse(bytes, path);
    }

    public static Plan Parse(byte[] json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var version = document.RootElement.GetProperty("version").GetInt32();
            return version == 1
                ? new Plan(document.RootElement, json)
                : throw new DatasetException(ProjectCodes.InvalidPlan, $"the plan has version {version}, this engine reads version 1. Build the project again.", path);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new DatasetException(ProjectCodes.InvalidPlan, $"the plan is damaged ({error.Message}). Build the project again.", path, inner: error);
        }
    }

    /// <summary>The full path of a file that the user named relative to the project.</summary>
    public string Resolve(string path) => Path.GetFullPath(path.Replace('\\', '/'), ProjectDirectory);

    /// <summary>A path as manifests and diagnostics show it: relative to the project, with '/'.</summary>
    public string Display(string fullPath) => Path.GetRelativePath(ProjectDirectory, fullPath).Replace('\\', '/');

    /// <summary>Where a stage is declared.</summary>
    internal ItemLocation LocationOf(string stage) =>
        ItemLocation.Named(Stages.FirstOrDefault(declared => declared.Name == stage)?.DefinedIn ?? Project, "SelectorStage", stage);

    /// <summary>A subset must not feed on itself, nor write over what it reads, by whatever links it comes to that.</summary>
    private void RefuseOwnOutput(string fullPath, string name, ItemLocation location)
    {
        foreach (var folder in (string[])[OutputPath, ReportPath])
        {
            if (IsBelow(fullPath, Path.GetFullPath(folder)) || IsBelow(realPaths.Of(fullPath), realPaths.Of(Path.GetFullPath(folder))))
            {
                throw location.Fail(
                    ProjectCodes.ShardInOutput,
                    $"the shard '{name}' lies in the folder that the build writes to, '{Display(folder)}'. Give DatasetOutputPath and DatasetReportPath folders of their own.");
            }
        }
    }

    private static bool IsBelow(string path, string folder) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static List<StageDeclaration> ReadStages(JsonElement items)
    {
        var stages = new List<StageDeclaration>();
        foreach (var stage in items.EnumerateArray())
        {
            stages.Add(new StageDeclaration(Text(stage, "name"), Texts(stage.GetProperty("metadata")), Text(stage, "definedIn")));
        }

        return stages;
    }

    private List<PlanShard> ReadShards(JsonElement root, string list, string item)
    {
        if (!root.TryGetProperty(list, out var items))
        {
            return [];
        }

        var shards = new List<PlanShard>();
        var definedIn = new Dictionary<string, string>();
        foreach (var declared in items.EnumerateArray())
        {
            var shard = ReadShard(declared, item);
            if (definedIn.TryAdd(shard.FullPath, Text(declared, "definedIn")))
            {
                shards.Add(shard);
            }
        }

        shards.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        for (var i = 1; i < shards.Count; i++)
        {
            var (first, second) = (shards[i - 1], shards[i]);
            if (first.Name == second.Name)
            {
                throw ItemLocation.OfFile(definedIn[second.FullPath], item, second.FullPath, ProjectDirectory).Fail(
                    ProjectCodes.Contradiction, $"'{Display(first.FullPath)}' and '{Display(second.FullPath)}' both have the canonical path '{first.Name}'. Give each its own CanonicalPath.");
            }
        }

        return shards;
    }

    private PlanShard ReadShard(JsonElement shard, string item)
    {
        var fullPath = Path.GetFullPath(Text(shard, "path"), ProjectDirectory);
        var path = Display(fullPath);
        var location = ItemLocation.OfFile(Text(shard, "definedIn"), item, fullPath, ProjectDirectory);
        RefuseOwnOutput(fullPath, path, location);
        var metadata = new Parameters($"{item} '{path}'", Texts(shard.GetProperty("metadata")), location);
        metadata.RefuseUnknown([.. ShapeNames, item == EvaluationItem ? "Fields" : "Priority", "CanonicalPath"], foreignAllowed: true);
        var name = metadata.OptionalName("CanonicalPath") ?? path;
        if (name != path && name.Split('/', '\\').Any(part => part is "" or "." or ".."))
        {
            throw metadata.Fail(ProjectCodes.InvalidValue, $"{item} '{path}': CanonicalPath=\"{name}\" is no relative path. Write it with '/', without '.' and '..', as in Corpus/a.jsonl.");
        }

        var shape = new ShapeOptions(
            metadata.Has("Dialect") ? metadata.Enum<Dialect>("Dialect", default) : null,
            metadata.OptionalText("PromptField"),
            metadata.OptionalText("ResponseField"),
            metadata.OptionalText("SystemField"),
            metadata.OptionalText("MessagesField"),
            metadata.OptionalText("TextField"));
        var fields = item == EvaluationItem ? metadata.List("Fields") : null;
        if (fields is not null && ShapeNames.FirstOrDefault(metadata.Has) is { } other)
        {
            throw metadata.Contradiction($"Fields and {other} both say what of an item counts. Keep one.");
        }

        return new PlanShard(name, fullPath, shape, item == EvaluationItem ? 0 : metadata.Integer("Priority", 0, int.MinValue, int.MaxValue))
        {
            Fields = fields is null ? null : string.Join(';', fields),
        };
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static string AbsolutePath(JsonElement element, string name) =>
        Text(element, name) is var path && Path.IsPathFullyQualified(path) && !path.Contains('\0', StringComparison.Ordinal)
            ? path
            : throw new FormatException($"'{name}' is no absolute path");

    private static Dictionary<string, string> Texts(JsonElement element)
    {
        var texts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in element.EnumerateObject())
        {
            texts.Add(pair.Name, pair.Value.GetString() ?? "");
        }

        return texts;
    }
}
