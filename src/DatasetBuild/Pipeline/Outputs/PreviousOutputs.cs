using System.Security.Cryptography;
using System.Text.Json;
using DatasetBuild.Caching;
using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>
/// What the subset's folder holds from an earlier build, as its manifest says. A file counts only while it is what the manifest says: by its stamp
/// where the last build noted one, else by its bytes.
/// </summary>
internal sealed class PreviousOutputs
{
    private readonly string folder;
    private string? name; // of the dataset that the manifest is of
    private readonly Dictionary<string, ManifestOutput> outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WrittenFile> written = new(StringComparer.Ordinal);

    private PreviousOutputs(string folder) => this.folder = folder;

    /// <summary>
    /// Paths of the data files that lie in a subset's folder, relative to it. They are found by their names, not in the manifest: without it, or with another
    /// one, a file that stayed behind would be loaded with the subset.
    /// </summary>
    public static IEnumerable<string> DataFilesIn(string folder) => ((string[])["train", "validation"])
        .Where(split => Directory.Exists(Path.Combine(folder, split)))
        .SelectMany(split => Directory.GetFiles(Path.Combine(folder, split), $"{split}-*-of-*.jsonl").Select(Path.GetFileName).Where(name => OutputFile.IsName(name!)).Select(name => $"{split}/{name}"));

    public static PreviousOutputs Load(Plan plan)
    {
        var previous = new PreviousOutputs(plan.OutputPath);
        var manifest = Path.Combine(plan.OutputPath, Manifest.RelativePath);
        if (!File.Exists(manifest))
        {
            return previous;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(manifest));
            previous.name = document.RootElement.GetProperty("name").GetString();
            foreach (var output in Manifest.ReadOutputs(document.RootElement))
            {
                previous.outputs[output.Path] = output;
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // A manifest that cannot be read says nothing: everything is written again.
            previous.name = null;
            previous.outputs.Clear();
        }

        if (LastBuild.Load(plan.StatePath) is { } last && last.Folders.Output == plan.OutputPath)
        {
            foreach (var file in last.Outputs)
            {
                previous.written[file.Path] = file;
            }

            // The stamps are those of the files that this manifest names only while the manifest itself is the one of that build.
            if (!previous.HasStamp(Path.GetFullPath(manifest)))
            {
                previous.written.Clear();
            }
        }

        return previous;
    }

    /// <summary>
    /// Refuses to write into a folder that holds another dataset, as when one <c>-o</c> names it for both: the last to be built would be all that is left.
    /// A manifest says by its name whose it is; what the last build of this project wrote is this project's whatever its name was then.
    /// </summary>
    public static void RefuseOther(Plan plan, string name)
    {
        // By its stamp alone: a project that was moved and renamed took its subset along.
        var isOurs = FileStamp.TryOf(Path.Combine(plan.OutputPath, Manifest.RelativePath), out var manifest)
            && LastBuild.Load(plan.StatePath)?.Outputs.Any(file => file.Stamp == manifest) == true;
        if (!isOurs && Load(plan).name is { } other && other != name)
        {
            throw new DatasetException(
                ProjectCodes.ForeignOutput,
                $"'{plan.Display(plan.OutputPath)}' holds the dataset '{other}', and this one would replace it. Give each a folder of its own, by DatasetOutputPath and DatasetReportPath or by another -o; or remove that one, if nobody needs it.",
                plan.Project);
        }
    }

    /// <summary>
    /// Refuses to write into a folder that holds files of these names and that no build of this project has written to: they are somebody else's.
    /// </summary>
    public static void RefuseForeign(Plan plan, IEnumerable<string> targets)
    {
        var isOurs = Directory.Exists(Path.Combine(plan.OutputPath, Path.GetDirectoryName(Manifest.RelativePath)!))
            || LastBuild.Load(plan.StatePath)?.Folders.Output == plan.OutputPath;
        var foreign = isOurs ? null : targets.Concat(DataFilesIn(plan.OutputPath)).FirstOrDefault(target => File.Exists(Path.Combine(plan.OutputPath, target)));
        if (foreign is not null)
        {
            throw new DatasetException(
                ProjectCodes.ForeignOutput,
                $"'{plan.Display(Path.Combine(plan.OutputPath, foreign))}' stands where the subset is to be written, and no build of this project wrote it. Move it away, or choose another DatasetOutputPath.",
                plan.Project);
        }
    }

    /// <summary>The manifest's entry of a file that need not be written again, or null.</summary>
    public ManifestOutput? Current(OutputFile file)
    {
        if (!outputs.TryGetValue(file.Path, out var previous) || previous.Recipe != file.Recipe)
        {
            return null;
        }

        var path = Path.Combine(folder, file.Path);
        return HasStamp(path) || HasBytes(path, previous) ? previous : null;
    }

    private bool HasStamp(string path) => written.TryGetValue(path, out var file) && file.IsUntouched;

    private static bool HasBytes(string path, ManifestOutput output)
    {
        if (!FileStamp.TryOf(path, out var stamp) || stamp.Size != output.Bytes)
        {
            return false;
        }

        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file)) == output.Sha256;
    }
}
