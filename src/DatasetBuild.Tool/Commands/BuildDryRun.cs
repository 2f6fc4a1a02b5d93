using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Answers;
using DatasetBuild.Tool.Engine;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>build --dry-run</c>: what a build would score, and from where it would take the rest. Nothing is built, and no file changes.</summary>
internal static class BuildDryRun
{
    public static int Run(Plan plan, IReadOnlyList<string> staleReferences, IReadOnlyCollection<string> rescore, bool json, Screen screen, CancellationToken cancel)
    {
        var again = Rescoring.Find(plan, rescore).Count > 0;
        var staleness = Staleness.Of(plan).With(staleReferences);
        var forecast = staleness.IsCurrent && !again ? null : Watching.Run(screen, (IBuildObserver observer) => Forecast.Of(plan, rescore, observer, cancel, Engines.Models));
        if (json)
        {
            WriteJson(plan, staleness, forecast);
        }
        else if (forecast is null)
        {
            screen.Output.Line($"{Visible.Of(plan.ProjectName)} is up to date: nothing to score, all {Numbers.Counted(staleness.Last!.Records, "record")} stand as the last build left them");
        }
        else
        {
            Show(plan, forecast, screen);
        }

        return ExitCodes.Done;
    }

    private static void Show(Plan plan, Forecast forecast, Screen screen)
    {
        if (forecast.Stages.Count > 0)
        {
            var table = Tables.Of(new Column("stage"), Column.Number("enter"), Column.Number("to score"), Column.Number("in columns"), Column.Number("in store"), Column.Prose("time"));
            foreach (var stage in forecast.Stages)
            {
                table.Add(
                    stage.Name, Numbers.Count(stage.Entered), AtMost(stage.IsExact, stage.ToScore), Numbers.Count(stage.FromShards + stage.FromEarlierShards), Numbers.Count(stage.FromStore), Time(stage));
            }

            screen.Output.WriteTable(table);
        }

        var total = forecast.Stages.Sum(stage => (long)stage.ToScore);
        var isExact = forecast.Stages.All(stage => stage.IsExact || stage.ToScore == 0);
        var seconds = forecast.Stages.Select(stage => stage.Seconds).Aggregate((double?)0, (sum, stage) => sum + stage);
        var time = total == 0 ? "" : seconds is { } known ? $", about {Numbers.Duration(known)}" : ", no rate measured yet";
        screen.Output.Line(
            $"{Visible.Of(plan.ProjectName)}: a build would read {Numbers.Count(forecast.Parsed)} of {Numbers.Counted(forecast.Records, "record")} anew, and score {AtMost(isExact, total)}{time}");
        if (forecast.Stages.LastOrDefault(stage => stage.IsExact) is { } last && last != forecast.Stages[^1])
        {
            screen.Output.Line($"Which records enter the stages behind '{Visible.Of(last.Name)}' depends on scores to come: the figures there are the most there can be.");
        }
    }

    private static string AtMost(bool isExact, long count) => isExact || count == 0 ? Numbers.Count(count) : $"at most {Numbers.Count(count)}";

    private static string Time(StageForecast stage) => stage.ToScore == 0 ? "" : stage.Seconds is { } seconds ? Numbers.Duration(seconds) : "no rate measured yet";

    private static void WriteJson(Plan plan, Staleness staleness, Forecast? forecast) => Json.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("project", plan.Project);
        json.WriteBoolean("upToDate", forecast is null);
        staleness.WriteTo(json);
        json.WriteNumberOrNull("records", forecast?.Records ?? staleness.Last?.Records);
        json.WriteNumber("parsed", forecast?.Parsed ?? 0);
        json.WriteStartArray("stages");
        foreach (var stage in forecast?.Stages ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            json.WriteString("kind", stage.Kind);
            json.WriteBoolean("exact", stage.IsExact);
            json.WriteNumber("entered", stage.Entered);
            json.WriteNumber("toScore", stage.ToScore);
            json.WriteNumber("found", stage.Found);
            json.WriteNumber("fromColumns", stage.FromShards);
            json.WriteNumber("fromEarlierColumns", stage.FromEarlierShards);
            json.WriteNumber("fromStore", stage.FromStore);
            json.WriteNumberOrNull("seconds", stage.Seconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
