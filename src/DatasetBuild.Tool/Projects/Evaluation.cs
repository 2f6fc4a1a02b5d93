using System.Text.Json;

namespace DatasetBuild.Tool.Projects;

/// <summary>What MSBuild told of an evaluation of a project.</summary>
/// <param name="Project">The project's file.</param>
/// <param name="Imports">All files that were imported.</param>
/// <param name="Properties">What the properties came to.</param>
internal sealed record Evaluation(string Project, IReadOnlyList<string> Imports, IReadOnlyDictionary<string, string> Properties)
{
    public string Folder => Path.GetDirectoryName(Project)!;

    public string Property(string name) => Properties.GetValueOrDefault(name, "");

    /// <summary>The evaluations of a build, without those of its restore.</summary>
    public static IReadOnlyList<Evaluation> ReadAll(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return
        [
            .. document.RootElement.EnumerateArray()
                .Where(json => !json.GetProperty("global").TryGetProperty("MSBuildIsRestoring", out _))
                .Select(json => new Evaluation(
                    json.GetProperty("project").GetString()!,
                    [.. json.GetProperty("imports").EnumerateArray().Select(file => file.GetString()!)],
                    json.GetProperty("properties").EnumerateObject().DistinctBy(property => property.Name, StringComparer.OrdinalIgnoreCase)
                        .ToDictionary(property => property.Name, property => property.Value.GetString() ?? "", StringComparer.OrdinalIgnoreCase))),
        ];
    }
}
