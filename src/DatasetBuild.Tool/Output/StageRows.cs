using DatasetBuild.Reporting;
using Spectre.Console;

namespace DatasetBuild.Tool.Output;

/// <summary>What each stage did, as a table or as JSON.</summary>
internal static class StageRows
{
    private const int WideEnough = 110;

    /// <param name="stages">The stages in order.</param>
    /// <param name="ofThisRun">Whether to show what was scored in this run and what came from the cache.</param>
    /// <param name="width">How many characters a line has room for.</param>
    public static Table Table(IReadOnlyList<StageSummary> stages, bool ofThisRun, int width)
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

            // Where there is little room, a line for each reason reads better than a column of broken phrases.
            var reasons = stage.Why.ToList();
            var shown = width < WideEnough ? reasons : [string.Join(", ", reasons)];
            table.Add([stage.Name, .. counts.Select(count => Numbers.Count(count)), shown.FirstOrDefault("")]);
            foreach (var reason in shown.Skip(1))
            {
                table.Add([.. Enumerable.Repeat("", counts.Count + 1), reason]);
            }
        }

        return table;
    }
}
