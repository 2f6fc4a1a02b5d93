using System.Text.Json;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Projects;

/// <summary>Which project is meant, and in which configuration.</summary>
/// <param name="File">The full path of a project file or of a written plan.</param>
/// <param name="Configuration">Null where the user did not say.</param>
/// <param name="Properties"><c>NAME=VALUE</c> each.</param>
internal sealed record ProjectRequest(string File, string? Configuration, IReadOnlyList<string> Properties)
{
    public bool IsPlan => LooksLikePlan(File);

    /// <summary>What `dotnet build` is told besides the project.</summary>
    public IEnumerable<string> BuildArguments =>
        [.. Configuration is null ? (string[])[] : ["--configuration", Configuration], .. Properties.Select(property => $"-property:{property}")];

    /// <summary>The request with stages that the build is to score again. A dataset that this one takes in gets the property too, so it says whose stages they are.</summary>
    public ProjectRequest Rescoring(IReadOnlyCollection<string> stages) => stages.Count == 0 ? this : this with
    {
        Properties = [.. Properties, $"DatasetRescore={string.Join("%3B", stages.Select(stage => Escape($"{Path.GetFileNameWithoutExtension(File)}/{stage}")))}"],
    };

    /// <summary>The request with a limit of time.</summary>
    public ProjectRequest Limited(TimeSpan? time) =>
        time is not { } limit ? this : this with { Properties = [.. Properties, FormattableString.Invariant($"DatasetLimitTime={limit.TotalSeconds}s")] };

    /// <summary>As MSBuild takes a value literally.</summary>
    private static string Escape(string text) =>
        string.Concat(text.Select(c => c >= 128 || char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '.' or ' ' ? $"{c}" : $"%{(int)c:X2}"));

    /// <summary>The file that <paramref name="given"/> leads to.</summary>
    /// <exception cref="UsageException">There is none, or more than one.</exception>
    public static string Locate(string? given)
    {
        var path = Path.GetFullPath(given ?? ".");
        if (System.IO.File.Exists(path))
        {
            return path;
        }

        if (!Directory.Exists(path))
        {
            throw new UsageException($"'{given}' does not exist. Name a project file, or a folder that holds one.");
        }

        var found = ProjectsIn(path);
        return found switch
        {
            [var project] => project,
            [] => throw new UsageException($"the folder '{given ?? path}' holds no project file. Name a project file, or a folder that holds one."),
            _ => throw new UsageException($"the folder '{given ?? path}' holds several project files ({string.Join(", ", found.Select(Path.GetFileName))}). Name the one that is meant."),
        };
    }

    /// <summary>Whether a path names a project, or a folder that holds one; if not, it may be data.</summary>
    public static bool IsProject(string path) =>
        Directory.Exists(path) ? ProjectsIn(path).Length > 0
        : System.IO.File.Exists(path) && (Path.GetExtension(path).EndsWith("proj", StringComparison.OrdinalIgnoreCase) || LooksLikePlan(path));

    public static bool HoldsOneProject(string folder) => ProjectsIn(folder).Length == 1;

    private static string[] ProjectsIn(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.*proj").Where(file => Path.GetExtension(file) is ".csproj" or ".fsproj" or ".vbproj" or ".proj").Order(StringComparer.Ordinal)];

    private static bool LooksLikePlan(string path)
    {
        if (!Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) || !System.IO.File.Exists(path))
        {
            return false;
        }

        try
        {
            using var stream = System.IO.File.OpenRead(path);
            Span<byte> start = stackalloc byte[4096];
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];

            // The members that a plan starts with; the rest of it may be long, and a shard may be longer.
            var reader = new Utf8JsonReader(start, isFinalBlock: false, default);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("version"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.Number
                && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("project"u8);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
