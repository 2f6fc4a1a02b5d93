using System.CommandLine;
using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;
using DatasetBuild.Tool.Progress;
using DatasetBuild.Tool.Projects;

namespace DatasetBuild.Tool.Commands;

/// <summary><c>scores</c>: one row a record, one column a stage.</summary>
internal static class ScoresCommand
{
    // More is no table to read; it belongs into a file.
    private const int MostShown = 200;

    public static Command Create()
    {
        var project = new ProjectArguments();
        var csv = new Option<bool>("--csv") { Description = "Writes the rows as CSV, which is the default where standard output is no terminal." };
        var json = Invocation.JsonOption("the rows as a JSON array");
        var command = new Command("scores", "Lists every record with its verdict and its score in each stage.") { project.Project, csv, json };
        project.AddOptions(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(csv) && result.GetValue(json))
            {
                result.AddError("--csv and --json are two forms of one answer. Choose one.");
            }
        });
        return command.Running((parsed, screen, stop) =>
        {
            var plan = ProjectPlan.Current(project.Read(parsed), screen, stop);
            var analysis = Watching.Analyze(plan, screen, stop.Token);
            var verdicts = new VerdictReader(analysis);
            var rows = Enumerable.Range(0, analysis.Pool.Count).Select(verdicts.Read);
            var stages = analysis.Stages.Select(stage => stage.Name).ToArray();
            if (parsed.GetValue(json))
            {
                WriteJson(rows, stages, [.. verdicts.MatchingStages]);
            }
            else if (parsed.GetValue(csv) || !Screen.OutputIsTerminal)
            {
                WriteCsv(rows, VerdictCsv.Header(stages, verdicts.MatchingStages), screen);
            }
            else
            {
                Show(rows, analysis, screen);
            }

            return ExitCodes.Done;
        });
    }

    private static void WriteCsv(IEnumerable<Verdict> rows, string header, Screen screen)
    {
        screen.Data.Write(header);
        screen.Data.Write('\n');
        foreach (var row in rows)
        {
            screen.Data.Write(VerdictCsv.Row(row));
            screen.Data.Write('\n');
        }
    }

    private static void WriteJson(IEnumerable<Verdict> rows, string[] stages, string[] matching) => Json.Write(json =>
    {
        json.WriteStartArray();
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("shard", row.Shard);
            json.WriteNumber("line", row.Line);
            json.WriteString("key", row.Key);
            json.WriteString("verdict", row.Kept ? "kept" : "dropped");
            json.WriteString("droppedBy", row.DroppedBy);
            json.WriteString("reason", row.Reason);
            json.WriteString("twin", row.Twin);
            json.WriteStartObject("scores");
            foreach (var (stage, score) in stages.Zip(row.Scores))
            {
                json.WriteNumberOrNull(stage, score as double?);
            }

            json.WriteEndObject();
            json.WriteStartObject("missing");
            foreach (var (stage, score) in stages.Zip(row.Scores))
            {
                if (score is string reason)
                {
                    json.WriteString(stage, reason);
                }
            }

            json.WriteEndObject();
            if (matching.Length > 0)
            {
                WriteMatches(json, matching.Zip(row.Matches));
            }

            json.WriteEndObject();
            json.FlushNowAndThen();
        }

        json.WriteEndArray();
    });

    private static void WriteMatches(Utf8JsonWriter json, IEnumerable<(string Stage, EvaluationMatch? Match)> matches)
    {
        json.WriteStartObject("evaluation");
        foreach (var (stage, match) in matches)
        {
            if (match is not null)
            {
                json.WriteStartObject(stage);
                json.WriteString("item", match.Item);
                json.WriteString("words", match.Words);
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
    }

    private static void Show(IEnumerable<Verdict> rows, Analysis analysis, Screen screen)
    {
        // A stage that compares texts or keys has no number to give a column to.
        var numbered = Enumerable.Range(0, analysis.Stages.Count).Where(number => analysis.Outcomes[number].Scores is not null).ToArray();
        var table = Tables.Of([new Column("record"), Column.Prose("verdict"), .. numbered.Select(number => new Column(analysis.Stages[number].Name, IsNumber: true, MayWrap: true))]);
        foreach (var row in rows.Take(MostShown))
        {
            var verdict = row.Kept ? "kept" : row.Twin is { } twin ? $"{row.DroppedBy}: {row.Reason} of {twin}" : $"{row.DroppedBy}: {row.Reason}";
            verdict += string.Concat(row.Matches.OfType<EvaluationMatch>().Select(match => $" (shares words with {match.Item})"));
            table.Add([$"{row.Shard}:{row.Line}", verdict, .. numbered.Select(number => row.Scores[number] is double score ? Numbers.Score(score) : row.Scores[number] as string ?? "")]);
        }

        screen.Output.WriteTable(table);
        if (analysis.Pool.Count > MostShown)
        {
            screen.Say($"These are the first {MostShown} of {Numbers.Count(analysis.Pool.Count)} records. `--csv` writes them all.", Verbosity.Minimal);
        }
    }
}
