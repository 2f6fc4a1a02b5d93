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

/// <summary><c>explain</c>: why a record is in the subset, or why not.</summary>
internal static class ExplainCommand
{
    private const int MostShown = 20;
    private const int PreviewLength = 300;

    public static Command Create()
    {
        var project = new ProjectArguments();
        var record = new Argument<string?>("RECORD")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The record: shard:line, its key of 32 hexadecimal digits, or a piece of its text. A single argument is the record.",
        };
        var text = new Option<string?>("--text", "-t")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "Looks for a piece of text, even if it reads like a place or a key.",
            HelpName = CommandLine.TextName,
        };
        var json = Invocation.JsonOption("the explanations as a JSON array");
        var command = new Command("explain", "Says of a record whether it is kept, and what each stage made of it: score, limit, verdict, surviving twin.") { project.Project, record, text, json };
        project.AddOptions(command);
        return command.Running((parsed, screen, stop) =>
        {
            var (where, sought, asText) = Read(parsed.GetValue(project.Project), parsed.GetValue(record), parsed.GetResult(text) is { Implicit: false }, parsed.GetValue(text));
            var plan = ProjectPlan.Current(project.Read(parsed, where), screen, stop);
            var analysis = Watching.Analyze(plan, screen, stop.Token);
            return Explain(analysis, sought, asText, parsed.GetValue(json), screen);
        });
    }

    /// <summary>Which of the words is the project, and which is the record.</summary>
    private static (string? Project, string Sought, bool AsText) Read(string? first, string? second, bool textGiven, string? text)
    {
        if (text is null)
        {
            return second is not null ? (first, second, textGiven)
                : first is not null ? (null, first, textGiven)
                : throw new UsageException("which record? Name it by shard:line, by its key, or by a piece of its text.");
        }

        // `--text` may stand before the project as well: then the word behind it is the project, and the other one the text.
        return second is not null ? throw new UsageException($"'{second}' is one word too many beside --text.")
            : first is not null && !ProjectRequest.IsProject(first) && ProjectRequest.IsProject(text) ? (text, first, true)
            : (first, text, true);
    }

    private static int Explain(Analysis analysis, string sought, bool asText, bool asJson, Screen screen)
    {
        var verdicts = new VerdictReader(analysis);
        var search = new RecordSearch(analysis, verdicts);
        var found = search.Find(sought, asText);
        var explanations = found.Records.Take(MostShown).Select(record => Explanation.Of(record, analysis, verdicts, search)).ToList();
        if (asJson && found.Records.Count > 0)
        {
            Json.Write(json =>
            {
                json.WriteStartArray();
                explanations.ForEach(explanation => explanation.WriteTo(json));
                json.WriteEndArray();
            });
        }
        else
        {
            explanations.ForEach(explanation => Show(explanation, screen));
        }

        if (found.Records.Count > MostShown)
        {
            screen.Say($"{Numbers.Count(found.Records.Count)} records match {Visible.Of(found.Sought)}; these are the first {MostShown}.", Verbosity.Minimal);
        }
        else if (found.Records.Count > 1)
        {
            screen.Say($"{found.Records.Count} records match {Visible.Of(found.Sought)}.");
        }

        if (found.Records.Count > 0)
        {
            return ExitCodes.Done;
        }

        if (found.Unreadable is var (shard, unreadable))
        {
            screen.Fail($"{Visible.Of(shard.Name)}:{unreadable.Line} is no record that can be read: {Visible.Of(unreadable.Message)}", unreadable.Code);
        }
        else
        {
            screen.Fail(
                $"no record matches {Visible.Of(found.Sought)}. The project has {Numbers.Counted(analysis.Pool.Count, "record")} in {Numbers.Counted(analysis.Pool.Shards.Count, "shard")}.",
                ProjectCodes.NoSuchRecord);
        }

        return ExitCodes.Failed;
    }

    private static void Show(Explanation explanation, Screen screen)
    {
        var verdict = explanation.Verdict;
        var output = screen.Output;
        var color = verdict.Kept ? "green" : "red";
        var why = verdict.Kept ? "" : $" by {verdict.DroppedBy}: {verdict.Reason}";
        output.StyledLine($"[bold]{Markup.Escape(Visible.Of($"{verdict.Shard}:{verdict.Line}"))}[/]  [{color}]{(verdict.Kept ? "kept" : "dropped")}[/]{Markup.Escape(Visible.Of(why))}");
        output.Line($"key {verdict.Key}");
        if (explanation.Twin is { } twin)
        {
            var fate = explanation.TwinVerdict is null ? "a record of DatasetBase"
                : explanation.TwinVerdict is { Kept: false } lost ? $"which {lost.DroppedBy} dropped later: {lost.Reason}" : "which is kept";
            var likeness = explanation.Verdict.Reason != DropReasons.Describe(DropReason.NearDuplicate) ? "the same as"
                : $"near, with a Jaccard similarity of {Numbers.Score(explanation.Jaccard ?? 1)}, to{(explanation.IsChained ? " a record of the chain to" : "")}";
            output.Line($"{likeness} {Visible.Of(twin.ToString())}, {Visible.Of(fate)}; key {twin.Key}; {Numbers.Count(explanation.ClusterSize)} records in the cluster");
        }

        if (explanation.Duplicates.Count > 0)
        {
            var more = explanation.Duplicates.Count > 5 ? $" and {explanation.Duplicates.Count - 5} more" : "";
            output.Line($"stands for {Visible.Of(string.Join(", ", explanation.Duplicates.Take(5)))}{more}");
        }

        output.StyledLine($"[dim]{Markup.Escape(Visible.Start(explanation.Preview, PreviewLength))}[/]");
        if (explanation.Stages.Count > 0)
        {
            output.WriteTable(TableOf(explanation));
            foreach (var stage in explanation.Stages.Where(stage => stage.Match is not null))
            {
                ShowMatch(stage, stage.Match!, output);
            }
        }

        output.Line();
    }

    private static void ShowMatch(StageVerdict stage, EvaluationMatch match, IAnsiConsole output)
    {
        output.Line(Visible.Of($"{stage.Name}: shares {Numbers.Counted((long)stage.Score!, "word")} with the evaluation item {match.Item}: {match.Start}"));
        if (stage.MatchJson is { } json)
        {
            output.StyledLine($"[dim]{Markup.Escape(Visible.Start(json, PreviewLength))}[/]");
        }
    }

    private static Table TableOf(Explanation explanation)
    {
        var table = Tables.Of(new Column("stage"), Column.Number("score"), Column.Prose("limit"), Column.Prose("verdict"));
        foreach (var stage in explanation.Stages)
        {
            table.Add(
                stage.Name,
                stage.Value ?? stage.ScoreText,
                StageLimits.Describe(stage.Limit),
                stage.Reason is { } reason ? $"{stage.Outcome}: {reason}" : stage.Missing is { } missing ? $"{stage.Outcome}: {missing}" : stage.Outcome);
        }

        return table;
    }
}
