using System.Text.Json;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Progress;

/// <summary>
/// Shows what the logger inside MSBuild tells of a build: a row for each engine that is at work, each diagnostic as it comes, and at the end what became of
/// each data set.
/// </summary>
internal sealed class BuildEvents(Screen screen, IRows rows)
{
    private const string MSBuildRow = "MSBuild";

    private readonly HashSet<Diagnostic> told = [];
    private readonly HashSet<string> working = [];
    private readonly Dictionary<string, List<StageSummary>> stages = [];
    private readonly List<DatasetResult> results = [];

    public IReadOnlyList<DatasetResult> Results => results;

    /// <summary>Whether MSBuild itself said in the end that the build succeeded.</summary>
    public bool Succeeded { get; private set; }

    public IEnumerable<Diagnostic> Errors => told.Where(diagnostic => diagnostic.Severity == Severity.Error);

    public void Take(string line)
    {
        using var document = JsonDocument.Parse(line);
        var json = document.RootElement;
        switch (json.Text("event"))
        {
            case "target" when working.Count == 0 && !json.Text("name").StartsWith('_'):
                rows.Show(MSBuildRow, $"{Path.GetFileNameWithoutExtension(json.Text("project"))}: {json.Text("name")}", 0, 0, "");
                break;
            case "diagnostic":
                Diagnose(json);
                break;
            case "message":
                screen.Say(Visible.Of(json.Text("text")), json.GetProperty("important").GetBoolean() ? Verbosity.Detailed : Verbosity.Diagnostic);
                break;
            case "finished":
                Succeeded = json.GetProperty("succeeded").GetBoolean();
                break;
            case "engine":
                Engine(json.GetProperty("line"), Place.Of(json));
                break;
        }
    }

    private void Engine(JsonElement json, Place place)
    {
        switch (json.Text("event"))
        {
            case "progress":
                if (working.Add(place.Row))
                {
                    rows.End(MSBuildRow);
                }

                var (done, total, cached) = (json.GetProperty("done").GetInt64(), json.GetProperty("total").GetInt64(), json.GetProperty("cached").GetInt64());
                rows.Show(place.Row, $"{place.Name}: {json.Text("stage")}", done, total, Pace.Describe(done, total, cached, json.GetProperty("rate").GetDouble(), json.TryGetProperty("tokenRate", out var tokens) ? tokens.GetDouble() : 0));
                break;
            case "stage":
                var stage = BuiltManifest.Stage(json);
                StagesOf(place).Add(stage);
                Watching.Say(screen, stage, place.Name + ": ");
                break;
            case "result":
                working.Remove(place.Row);
                rows.End(place.Row);
                results.Add(DatasetResult.From(json, place.Project, place.Framework, StagesOf(place)));
                break;
        }
    }

    private List<StageSummary> StagesOf(Place place) => stages.TryGetValue(place.Row, out var list) ? list : stages[place.Row] = [];

    private void Diagnose(JsonElement json)
    {
        var diagnostic = new Diagnostic(
            json.Text("severity") switch { "error" => Severity.Error, "message" => Severity.Message, _ => Severity.Warning },
            json.Text("code"),
            json.Text("message"),
            json.Text("file") is { Length: > 0 } file ? file : null,
            json.GetProperty("line").GetInt32(),
            json.GetProperty("column").GetInt32());

        // A project with several target frameworks says everything several times.
        if (told.Add(diagnostic))
        {
            screen.Report(diagnostic);
        }
    }

    /// <summary>Which build of which project speaks.</summary>
    private sealed record Place(string Project, string? Framework, string Row)
    {
        public string Name => Path.GetFileNameWithoutExtension(Project) + (Framework is null ? "" : $" ({Framework})");

        public static Place Of(JsonElement json) => new(
            json.Text("project"),
            json.Text("framework") is { Length: > 0 } framework ? framework : null,
            $"{json.GetProperty("node")}/{json.GetProperty("context")}");
    }
}
