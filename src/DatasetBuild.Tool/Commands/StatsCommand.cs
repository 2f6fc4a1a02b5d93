using System.CommandLine;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Selection;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;
using DatasetBuild.Tool.Projects;
using Spectre.Console;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>stats</c>: how many records each stage took and kept, and how their scores are distributed.</summary>
internal static class StatsCommand
{
    private const int WideEnough = 110;

    private sealed record StageStats(StageSummary Summary, Quantiles? Entered, Quantiles? Kept);

    public static Command Create()
    {
        var project = new ProjectArguments();
        var json = Invocation.JsonOption("the counts and quantiles as a JSON object");
        var command = new Command("stats", "Shows what entered each stage and what stayed, with quantiles of the scores.") { project.Project, json };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            var plan = ProjectPlan.Current(project.Read(parsed), screen, stop);
            var analysis = Watching.Analyze(plan, screen, stop.Token);
            var trainer = TrainerReport.Of(plan, new Settings(plan))?.OfAll(plan.Shards, stop.Token) ?? [];
            var stages = Enumerable.Range(0, analysis.Stages.Count).Select(number => Of(analysis, number)).ToList();
            if (parsed.GetValue(json))
            {
                WriteJson(analysis, stages, trainer);
            }
            else
            {
                Show(analysis, stages, screen);
                TrainerReport.Show(trainer, screen);
            }

            return ExitCodes.Done;
        });
    }

    private static StageStats Of(Analysis analysis, int number)
    {
        if (analysis.Outcomes[number].Scores is not { } scores)
        {
            return new StageStats(analysis.Summaries[number], null, null);
        }

        List<double> entered = [], kept = [];
        for (var record = 0; record < analysis.Pool.Count; record++)
        {
            if (scores.State[record] != Scores.HasValue)
            {
                continue;
            }

            entered.Add(scores.Value[record]);
            if (analysis.Fates.DroppedBy(record) is var droppedBy && (droppedBy < 0 || droppedBy > number))
            {
                kept.Add(scores.Value[record]);
            }
        }

        return new StageStats(analysis.Summaries[number], Quantiles.Of(entered), Quantiles.Of(kept));
    }

    private static void Show(Analysis analysis, List<StageStats> stages, Screen screen)
    {
        screen.Output.WriteTable(StageRows.Table([.. stages.Select(stage => stage.Summary)], ofThisRun: false, screen.Output.Profile.Width));
        var scored = stages.Where(stage => stage.Entered is not null).ToList();
        if (scored.Count > 0)
        {
            screen.Output.Line();
            screen.Output.WriteTable(screen.Output.Profile.Width < WideEnough ? Upright(scored) : Lying(scored));
            screen.Output.Line();
        }

        screen.Output.Line($"kept {Numbers.Count(analysis.Fates.Kept)} of {Numbers.Count(analysis.Pool.Count)} records");
    }

    /// <summary>A row for what entered a stage and one for what stayed.</summary>
    private static Table Lying(List<StageStats> stages)
    {
        var table = Tables.Of([new Column("scores of"), new Column("records"), .. Quantiles.Names.Select(Column.Number)]);
        foreach (var (summary, entered, kept) in stages)
        {
            table.Add([summary.Name, "entered", .. entered!.Cells()]);
            table.Add(["", "kept", .. kept?.Cells() ?? []]);
        }

        return table;
    }

    /// <summary>The same for narrow terminals: a row a quantile.</summary>
    private static Table Upright(List<StageStats> stages)
    {
        var table = Tables.Of(new Column("scores of"), new Column(""), Column.Number("entered"), Column.Number("kept"));
        foreach (var (summary, entered, kept) in stages)
        {
            var keptCells = kept?.Cells().ToArray();
            foreach (var (i, (name, cell)) in Quantiles.Names.Zip(entered!.Cells()).Index())
            {
                table.Add(i == 0 ? summary.Name : "", name, cell, keptCells?[i] ?? "");
            }
        }

        return table;
    }

    private static void WriteJson(Analysis analysis, List<StageStats> stages, IReadOnlyList<TrainerCount> trainer) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("records", analysis.Pool.Count);
        json.WriteNumber("kept", analysis.Fates.Kept);
        json.WriteNumber("invalid", analysis.InvalidCount);
        json.WriteStartArray("stages");
        foreach (var (summary, entered, kept) in stages)
        {
            json.WriteStartObject();
            summary.WriteTo(json);
            foreach (var (name, quantiles) in (IEnumerable<(string, Quantiles?)>)[("enteredScores", entered), ("keptScores", kept)])
            {
                json.WritePropertyName(name);
                if (quantiles is null)
                {
                    json.WriteNullValue();
                }
                else
                {
                    quantiles.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        TrainerReport.WriteTo(json, trainer);
        json.WriteEndObject();
    });
}
