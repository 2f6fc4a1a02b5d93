using System.Text.Json;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>What an engine said, and how it ended.</summary>
internal sealed record EngineOutput(int ExitCode, string Text, IReadOnlyList<JsonElement> Events)
{
    /// <summary>Scores that were computed, over all stages that came to their end.</summary>
    public int Scored => Events.Where(line => Kind(line) == "stage").Sum(stage => stage.GetProperty("scored").GetInt32());

    public static EngineOutput Of(BuildOutput output) => new(
        output.ExitCode,
        output.Text,
        [.. output.Text.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement.Clone())]);

    /// <summary>Whether anything had changed since the last build.</summary>
    public bool HadWork => !Events[^1].GetProperty("upToDate").GetBoolean();

    /// <summary>All that was reported with one severity, as `code: message`.</summary>
    public string[] Reported(string severity) =>
    [
        .. Events.Where(line => Kind(line) == "diagnostic" && line.GetProperty("severity").GetString() == severity)
            .Select(line => $"{line.GetProperty("code")}: {line.GetProperty("message")}"),
    ];

    public EngineOutput ShouldSucceed(string about = "")
    {
        ExitCode.ShouldBe(0, $"{about}\n{Text}");
        Kind(Events[^1]).ShouldBe("result", Text);
        return this;
    }

    private static string? Kind(JsonElement line) => line.GetProperty("event").GetString();
}
