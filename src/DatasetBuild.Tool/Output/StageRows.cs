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
        List<Column> columns = [new Column("stage"), Column.Number("entered"), Column.Number("kept"), Column.Number("dropped"), Column.Number("missing")];
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
}
