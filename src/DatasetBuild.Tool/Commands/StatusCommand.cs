using System.CommandLine;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Projects;
using Spectre.Console;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>status</c>: whether a build would have something to do, and why.</summary>
internal static class StatusCommand
{
    private const int MostShown = 50;

    public static Command Create()
    {
        var project = new ProjectArguments();
        var check = new Option<bool>("--check") { Description = "Exits with 3 when a build would have something to do." };
        var json = Invocation.JsonOption("the answer as a JSON object");
        var command = new Command("status", "Says whether the subset is up to date, and what changed since it was built.") { project.Project, check, json };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            var plan = ProjectPlan.Current(project.Read(parsed), screen, stop, out var staleReferences);
            var staleness = Staleness.Of(plan).With(staleReferences);
            var quarantined = staleness.Last is { } last ? BuiltManifest.Quarantined(Path.Combine(last.Folders.Output, Manifest.RelativePath)) : 0;
            if (parsed.GetValue(json))
            {
                WriteJson(plan, staleness, quarantined);
            }
            else
            {
                Show(plan, staleness, screen);
                ShowQuarantine(staleness.Last, quarantined, screen);
            }

            return staleness.IsCurrent || !parsed.GetValue(check) ? ExitCodes.Done : ExitCodes.Stale;
        });
    }

    private static void Show(Plan plan, Staleness staleness, Screen screen)
    {
        var output = screen.Output;
        if (staleness.IsCurrent)
        {
            output.StyledLine($"{Markup.Escape(Visible.Of(plan.ProjectName))} is [green]up to date[/]: {Kept(staleness.Last!)} in {Markup.Escape(Paths.Short(plan.OutputPath))}");
            return;
        }

        output.StyledLine($"{Markup.Escape(Visible.Of(plan.ProjectName))} is [yellow]stale[/]: {Markup.Escape(Visible.Of(staleness.Reason))}");
        if (staleness.Changes.Count == 0)
        {
            return;
        }

        var table = Tables.Of(new Column("what"), Column.Prose("name"), new Column("change"), Column.Prose("detail"));
        foreach (var change in staleness.Changes.Take(MostShown))
        {
            table.Add(change.Kind, change.Name, change.What, change.Detail);
        }

        output.WriteTable(table);
        if (staleness.Changes.Count > MostShown)
        {
            screen.Say($"These are the first {MostShown} of {Numbers.Count(staleness.Changes.Count)} changes. `--json` lists them all.", Verbosity.Minimal);
        }
    }

    private static void ShowQuarantine(LastBuild? last, int quarantined, Screen screen)
    {
        if (quarantined > 0)
        {
            var file = last!.Reports.Select(report => report.Path).FirstOrDefault(path => Path.GetFileName(path) == "quarantine.jsonl");
            var where = file is null ? "" : $": {Visible.Of(Paths.Short(file))}";
            screen.Output.Line($"the last build set {Numbers.Count(quarantined)} {(quarantined == 1 ? "record" : "records")} aside in quarantine{where}");
        }
    }

    private static string Kept(LastBuild last) => $"{Numbers.Count(last.Kept)} of {Numbers.Count(last.Records)} records";

    private static void WriteJson(Plan plan, Staleness staleness, int quarantined) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("project", plan.Project);
        json.WriteBoolean("upToDate", staleness.IsCurrent);
        staleness.WriteTo(json);
        json.WriteNumberOrNull("records", staleness.Last?.Records);
        json.WriteNumberOrNull("kept", staleness.Last?.Kept);
        json.WriteNumberOrNull("quarantined", staleness.Last is null ? null : quarantined);
        json.WriteString("output", plan.OutputPath);
        json.WriteEndObject();
    });
}
