using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Commands;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Projects;

/// <summary>What a build made of one data set.</summary>
/// <remarks>The framework is null where there is only one. Up to date is one for which there was nothing to do.</remarks>
internal sealed record DatasetResult(
    string Project, string? Framework, bool UpToDate, long Records, long Kept, IReadOnlyList<StageSummary> Stages, IReadOnlyList<string> Outputs, IReadOnlyList<string> Reports, string Manifest)
{
    public string Name => Path.GetFileNameWithoutExtension(Project) + (Framework is null ? "" : $" ({Framework})");

    /// <summary>How a clean build compares with it; null where none was made.</summary>
    public CleanComparison? Clean { get; init; }

    /// <summary>The plan that was built; empty where an engine does not say.</summary>
    public string Plan { get; init; } = "";

    /// <summary>The folder of the subset.</summary>
    public string OutputPath => Path.GetDirectoryName(Path.GetDirectoryName(Manifest)) + Path.DirectorySeparatorChar;

    public static DatasetResult Of(Plan plan, string planPath, BuildResult result) => new(
        plan.Project, null, result.UpToDate, result.Records, result.Kept, StagesOf(result.UpToDate, result.Manifest, result.Stages), result.Outputs, result.Reports, result.Manifest)
    {
        Plan = planPath,
    };

    /// <summary>Reads the engine's last line.</summary>
    public static DatasetResult From(JsonElement json, string project, string? framework, IReadOnlyList<StageSummary> stages)
    {
        var (upToDate, manifest) = (json.GetProperty("upToDate").GetBoolean(), json.Text("manifest"));
        return new DatasetResult(
            project, framework, upToDate, json.GetProperty("records").GetInt64(), json.GetProperty("kept").GetInt64(), StagesOf(upToDate, manifest, stages), json.Texts("outputs"), json.Texts("reports"), manifest)
        {
            Plan = json.Text("plan"),
        };
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("project", Project);
        json.WriteString("framework", Framework);
        json.WriteBoolean("upToDate", UpToDate);
        json.WriteNumber("records", Records);
        json.WriteNumber("kept", Kept);
        json.WriteStartArray("stages");
        foreach (var stage in Stages)
        {
            json.WriteStartObject();
            stage.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteTexts("outputs", Outputs);
        json.WriteTexts("reports", Reports);
        json.WriteString("manifest", Manifest);
        if (Clean is not null)
        {
            BuildVerification.WriteTo(json, Clean);
        }

        json.WriteEndObject();
    }

    // A build that had nothing to do went through no stage: what they did stands in the manifest.
    private static IReadOnlyList<StageSummary> StagesOf(bool upToDate, string manifest, IReadOnlyList<StageSummary> stages) =>
        upToDate ? BuiltManifest.Stages(manifest) : stages;
}
