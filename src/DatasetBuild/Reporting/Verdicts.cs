using System.Globalization;
using System.Text;

namespace DatasetBuild.Reporting;

/// <summary>
/// What has become of one record. <paramref name="Scores"/> has one entry a stage: a number, or text that says why there is none; null where the
/// record did not reach the stage or the stage has no number. <paramref name="Twin"/> is the <c>shard:line</c> of the record that survives in its place.
/// </summary>
public sealed record Verdict(
    string Shard, int Line, string Key, bool Kept, string? DroppedBy, string? Reason, string? Twin, IReadOnlyList<object?> Scores)
{
    /// <summary>The evaluation item that the record shares words with, for each stage that looks for that; null where it shares none.</summary>
    public IReadOnlyList<EvaluationMatch?> Matches { get; init; } = [];
}

/// <summary>Writes verdicts as CSV: one row a record, a column a stage, and two more for a stage that looks for evaluation items.</summary>
public static class VerdictCsv
{
    /// <param name="stages">The names of all stages.</param>
    /// <param name="matching">The names of those that look for evaluation items.</param>
    public static string Header(IEnumerable<string> stages, IEnumerable<string> matching) =>
        string.Join(',', ((string[])["shard", "line", "key", "verdict", "droppedBy", "reason", "twin"]).Concat(stages).Concat(matching.SelectMany(MatchColumns)).Select(Cell));

    /// <summary>The columns behind those of the scores in which a stage names the evaluation item and the shared words.</summary>
    public static string[] MatchColumns(string stage) => [$"{stage} item", $"{stage} words"];

    public static string Row(Verdict verdict)
    {
        var row = new StringBuilder();
        row.Append(Cell(verdict.Shard)).Append(',')
            .Append(CultureInfo.InvariantCulture, $"{verdict.Line},{verdict.Key},{(verdict.Kept ? "kept" : "dropped")},")
            .Append(Cell(verdict.DroppedBy)).Append(',')
            .Append(Cell(verdict.Reason)).Append(',')
            .Append(Cell(verdict.Twin));
        foreach (var score in verdict.Scores)
        {
            row.Append(',').Append(score is double number ? number.ToString("R", CultureInfo.InvariantCulture) : Cell(score as string));
        }

        foreach (var match in verdict.Matches)
        {
            row.Append(',').Append(Cell(match?.Item)).Append(',').Append(Cell(match?.Start));
        }

        return row.ToString();
    }

    internal static string Cell(string? text) =>
        text is null ? "" : text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
