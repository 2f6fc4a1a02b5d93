using System.Text.Json;
using DatasetBuild.Reporting;

namespace DatasetBuild.Tool.Answers;

/// <summary>The stages of a subset that is up to date, from its manifest.</summary>
internal static class ManifestStages
{
    /// <summary>Empty where the manifest cannot be read: it only adorns an answer.</summary>
    public static IReadOnlyList<StageSummary> Read(string manifest)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(manifest));
            return [.. json.RootElement.GetProperty("stages").EnumerateArray().Select(Read)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [];
        }
    }

    private static StageSummary Read(JsonElement stage) => new(
        stage.GetProperty("name").GetString()!,
        stage.GetProperty("kind").GetString()!,
        Count(stage, "entered"),
        Count(stage, "kept"),
        Count(stage, "dropped"),
        Count(stage, "missing"),
        Scored: 0,
        Cached: 0)
    {
        Reasons = [.. stage.GetProperty("reasons").EnumerateObject().Select(reason => (reason.Name, reason.Value.GetInt32()))],
    };

    private static int Count(JsonElement stage, string name) => stage.GetProperty(name).GetInt32();
}
