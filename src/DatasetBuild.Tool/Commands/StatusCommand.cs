using System.CommandLine;
using DatasetBuild.Pipeline;
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
        return command.Running((parsed, screen, cancel) =>
        {
            var plan = ProjectPlan.Current(project.Read(parsed), screen, cancel);
            var staleness = Staleness.Of(plan);
            if (parsed.GetValue(json))
            {
                WriteJson(plan, staleness);
            }
            else
            {
                Show(plan, staleness, screen);
            }

            return staleness.IsCurrent || !parsed.GetValue(check) ? ExitCodes.Done : ExitCodes.Stale;
        });
    }

    private static void Show(Plan plan, Staleness staleness, Screen screen)
    {
        var output = screen.Output;
        if (staleness.IsCurrent)
        {
            output.MarkupLine($"{Markup.Escape(Visible.Of(plan.ProjectName))} is [green]up to date[/]: {Kept(staleness.Last!)} in {Markup.Escape(Paths.Short(plan.OutputPath))}");
            return;
        }

        output.MarkupLine($"{Markup.Escape(Visible.Of(plan.ProjectName))} is [yellow]stale[/]: {Markup.Escape(Visible.Of(staleness.Reason))}");
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

    private static string Kept(LastBuild last) => $"{Numbers.Count(last.Kept)} of {Numbers.Count(last.Records)} records";

    private static void WriteJson(Plan plan, Staleness staleness) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("project", plan.Project);
        json.WriteBoolean("upToDate", staleness.IsCurrent);
        json.WriteString("reason", staleness.Reason);
        json.WriteStartArray("changes");
        foreach (var change in staleness.Changes)
        {
            json.WriteStartObject();
            json.WriteString("kind", change.Kind);
            json.WriteString("name", change.Name);
            json.WriteString("change", change.What);
            json.WriteString("detail", change.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumberOrNull("records", staleness.Last?.Records);
        json.WriteNumberOrNull("kept", staleness.Last?.Kept);
        json.WriteString("output", plan.OutputPath);
        json.WriteEndObject();
    });
}
