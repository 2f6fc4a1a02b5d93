using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DatasetBuild.Caching;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>The language models that the stages of a project name: found and told by content, not opened.</summary>
internal sealed class ModelCache(Plan plan, OpenedModels models, InputDigests digests)
{
    private const string Config = "config.json";
    private const string Weights = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    private readonly Dictionary<string, ModelFiles> found = new(StringComparer.Ordinal);

    public OpenedModels Models => models;

    /// <summary>The model in a folder.</summary>
    /// <param name="request">The stage, for messages.</param>
    /// <param name="path">The folder as the user wrote it.</param>
    /// <exception cref="DatasetException">There is no such folder, or no model in it.</exception>
    public ModelFiles Find(StageRequest request, string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(plan.Resolve(path));
        if (found.TryGetValue(folder, out var known))
        {
            return known;
        }

        if (!Directory.Exists(folder))
        {
            throw request.Parameters.Fail(
                ProjectCodes.MissingFile, $"stage '{request.Name}': the model folder '{path}' {(File.Exists(folder) ? "is a file" : "does not exist")}. Name a folder with config.json and the weights, relative to the project.");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = new List<(string, FileStamp)>();
        foreach (var name in FilesOf(request, folder, path))
        {
            var full = Path.Combine(folder, name);
            var (digest, stamp) = digests.TryOf(full)
                ?? throw request.Parameters.Fail(ProjectCodes.NoModel, $"stage '{request.Name}': '{name}' of the model '{path}' cannot be read: {UnusableFile.Describe(full) ?? "access is denied, or it changed meanwhile"}. Fetch the model again, or wait until it is written.");
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{digest}\n"));
            files.Add((full, stamp));
        }

        return found[folder] = new ModelFiles(folder, plan.Display(folder), Convert.ToHexStringLower(hash.GetHashAndReset()), files);
    }

    /// <summary>The names of the files that make the model, as those who read it choose them.</summary>
    private static IEnumerable<string> FilesOf(StageRequest request, string folder, string path)
    {
        if (File.Exists(Path.Combine(folder, Weights)))
        {
            return [Config, Weights];
        }

        if (File.Exists(Path.Combine(folder, Index)))
        {
            return [Config, Index, .. ShardsOf(request, Path.Combine(folder, Index), path)];
        }

        var others = Directory.EnumerateFiles(folder, "*.bin").Any() ? " What it has is weights in .bin files: save the model again with safe_serialization." : "";
        throw request.Parameters.Fail(
            ProjectCodes.NoModel, $"stage '{request.Name}': the folder '{path}' holds no model: neither {Weights} nor {Index} is there.{others} Name a folder in the layout of Hugging Face.");
    }

    private static IEnumerable<string> ShardsOf(StageRequest request, string index, string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(index));
            return [.. json.RootElement.GetProperty("weight_map").EnumerateObject().Select(tensor => Path.GetFileName(tensor.Value.GetString()!)).Distinct().Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
        {
            throw request.Parameters.Fail(ProjectCodes.NoModel, $"stage '{request.Name}': the index of the model '{path}' cannot be used ({error.Message}). Fetch {Index} again.");
        }
    }
}
