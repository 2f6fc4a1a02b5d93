using System.Text.Json;
using DatasetBuild.Reporting;

namespace DatasetBuild.Tool.Answers;

/// <summary>What the manifest of a built subset tells. It only adorns answers, so one that cannot be read tells nothing.</summary>
internal static class BuiltManifest
{
    public static IReadOnlyList<StageSummary> Stages(string manifest) =>
        Read<StageSummary[]>(manifest, root => [.. root.GetProperty("stages").EnumerateArray().Select(Stage)]) ?? [];

    /// <summary>How many records that build could not read, and set aside.</summary>
    public static int Quarantined(string manifest) =>
        Read(manifest, root => root.GetProperty("inputs").EnumerateArray().Sum(input => Count(input, "invalid")));

    private static T? Read<T>(string manifest, Func<JsonElement, T> part)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(manifest));
            return part(json.RootElement);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return default;
        }
    }

    /// <summary>A stage as the manifest and the engine's events describe it; only the latter know what was scored in this run.</summary>
    public static StageSummary Stage(JsonElement stage) => new(
        stage.GetProperty("name").GetString()!,
        stage.GetProperty("kind").GetString()!,
        Count(stage, "entered"),
        Count(stage, "kept"),
        Count(stage, "dropped"),
        Count(stage, "missing"),
        Scored: CountOrNone(stage, "scored"),
        Cached: CountOrNone(stage, "cached"))
    {
        Marked = stage.TryGetProperty("marked", out var marked) ? marked.GetInt32() : null,
        Reasons = [.. stage.GetProperty("reasons").EnumerateObject().Select(reason => new ReasonCount(reason.Name, reason.Value.GetInt32()))],
    };

    private static int Count(JsonElement stage, string name) => stage.GetProperty(name).GetInt32();

    private static int CountOrNone(JsonElement stage, string name) => stage.TryGetProperty(name, out var count) ? count.GetInt32() : 0;
}
