using System.Globalization;
using System.Text;

namespace DatasetBuild.Reporting;

/// <summary>The table at the end of a build, in plain text: what entered each stage, what stayed, and why the rest did not.</summary>
public static class StageTable
{
    private static readonly string[] Heads = ["stage", "entered", "kept", "dropped", "missing", "scored", "cached", "why"];

    /// <summary>Empty where there are no stages.</summary>
    public static string Render(IReadOnlyList<StageSummary> stages)
    {
        if (stages.Count == 0)
        {
            return "";
        }

        List<string[]> rows = [Heads];
        foreach (var stage in stages)
        {
            rows.Add([
                stage.Name,
                Count(stage.Entered),
                Count(stage.Kept),
                Count(stage.Dropped),
                Count(stage.Missing),
                Count(stage.Scored),
                Count(stage.Cached),
                string.Join(", ", stage.Why),
            ]);
        }

        var widths = new int[Heads.Length];
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                widths[column] = Math.Max(widths[column], row[column].Length);
            }
        }

        var text = new StringBuilder();
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length; column++)
            {
                var isText = column == 0 || column == row.Length - 1;
                text.Append(isText ? row[column].PadRight(column == 0 ? widths[column] : 0) : row[column].PadLeft(widths[column])).Append("  ");
            }

            text.Length -= 2;
            while (text[^1] == ' ')
            {
                text.Length--;
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
