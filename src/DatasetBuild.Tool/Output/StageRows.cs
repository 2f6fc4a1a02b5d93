using System.Text.Json;
using DatasetBuild.Reporting;
using Spectre.Console;

namespace DatasetBuild.Tool.Output;

/// <summary>What each stage did, as a table or as JSON.</summary>
internal static class StageRows
{
    /// <param name="stages">The stages in order.</param>
    /// <param name="ofThisRun">Whether to show what was scored in this run and what came from the cache.</param>
    public static Table Table(IReadOnlyList<StageSummary> stages, bool ofThisRun)
    {
        List<Column> columns = [Column.Prose("stage"), Column.Number("entered"), Column.Number("kept"), Column.Number("dropped"), Column.Number("missing")];
        if (ofThisRun)
        {
            columns.AddRange([Column.Number("scored"), Column.Number("cached")]);
        }

        var table = Tables.Of([.. columns, Column.Prose("why")]);
        foreach (var stage in stages)
        {
            List<int> counts = [stage.Entered, stage.Kept, stage.Dropped, stage.Missing];
            if (ofThisRun)
            {
                counts.AddRange([stage.Scored, stage.Cached]);
            }

            table.Add([stage.Name, .. counts.Select(count => Numbers.Count(count)), string.Join(", ", stage.Reasons.Select(reason => $"{Numbers.Count(reason.Count)} {reason.Reason}"))]);
        }

        return table;
    }

    /// <summary>Writes a stage's counts as members of the object that is open.</summary>
    public static void WriteTo(Utf8JsonWriter json, StageSummary stage)
    {
        json.WriteString("name", stage.Name);
        json.WriteString("kind", stage.Kind);
        json.WriteNumber("entered", stage.Entered);
        json.WriteNumber("kept", stage.Kept);
        json.WriteNumber("dropped", stage.Dropped);
        json.WriteNumber("missing", stage.Missing);
        json.WriteNumber("scored", stage.Scored);
        json.WriteNumber("cached", stage.Cached);
        json.WriteStartObject("reasons");
        foreach (var (reason, count) in stage.Reasons)
        {
            json.WriteNumber(reason, count);
        }

        json.WriteEndObject();
    }
}
