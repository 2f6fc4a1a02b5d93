using DatasetBuild.Reporting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DatasetBuild.Tool.Output;

/// <summary>A column of a table: numbers stand to the right and are never broken.</summary>
internal sealed record Column(string Head, bool IsNumber = false, bool MayWrap = false)
{
    public static Column Number(string head) => new(head, IsNumber: true);

    public static Column Prose(string head) => new(head, MayWrap: true);
}

/// <summary>A table without the blank lines around it and the blanks at the ends of its lines, which nobody wants in a file.</summary>
internal sealed class TrimmedTable(Table table) : IRenderable
{
    public Measurement Measure(RenderOptions options, int maxWidth) => ((IRenderable)table).Measure(options, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        foreach (var line in Segment.SplitLines(((IRenderable)table).Render(options, maxWidth)))
        {
            var end = line.FindLastIndex(segment => !string.IsNullOrWhiteSpace(segment.Text));
            if (end < 0)
            {
                continue;
            }

            for (var i = 0; i <= end; i++)
            {
                yield return i < end ? line[i] : new Segment(line[i].Text.TrimEnd(' '), line[i].Style);
            }

            yield return Segment.LineBreak;
        }
    }
}

/// <summary>Text that is broken between words only: one that is wider than the terminal, such as a path, can still be copied in one piece.</summary>
internal sealed class Unbroken(IRenderable text) : IRenderable
{
    private const int Endless = 100_000;

    public Measurement Measure(RenderOptions options, int maxWidth) => text.Measure(options, Endless);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var lines = new List<Segment>();
        var (column, blanks, word) = (0, new List<Segment>(), new List<Segment>());
        foreach (var segment in text.Render(options, Endless))
        {
            if (segment.IsLineBreak)
            {
                EndWord();
                lines.AddRange(blanks);
                lines.Add(segment);
                blanks.Clear();
                column = 0;
                continue;
            }

            // A word may change its style within, and blanks may be segments of their own.
            foreach (var run in Runs(segment.Text))
            {
                if (run[0] == ' ')
                {
                    EndWord();
                }

                (run[0] == ' ' ? blanks : word).Add(new Segment(run, segment.Style));
            }
        }

        EndWord();
        return lines;

        void EndWord()
        {
            if (word.Count == 0)
            {
                return;
            }

            if (column > 0 && column + Segment.CellCount(blanks) + Segment.CellCount(word) > maxWidth)
            {
                lines.Add(Segment.LineBreak);
                blanks.Clear();
                column = 0;
            }

            column += Segment.CellCount(blanks) + Segment.CellCount(word);
            lines.AddRange([.. blanks, .. word]);
            blanks.Clear();
            word.Clear();
        }
    }

    /// <summary>Blanks and what stands between them, in turn.</summary>
    private static IEnumerable<string> Runs(string line)
    {
        var start = 0;
        for (var i = 1; i <= line.Length; i++)
        {
            if (i == line.Length || (line[i] == ' ') != (line[i - 1] == ' '))
            {
                yield return line[start..i];
                start = i;
            }
        }
    }
}

/// <summary>Plain tables: a head, then rows.</summary>
internal static class Tables
{
    private const int Gap = 2;

    public static Table Of(params IEnumerable<Column> columns)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(Visible.Of(column.Head), Style.Parse("bold")))
            {
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                NoWrap = !column.MayWrap,
                Padding = new Padding(0, 0, Gap, 0),
            });
        }

        return table;
    }

    /// <summary>Writes a line of plain text.</summary>
    public static void Line(this IAnsiConsole console, string text = "") => console.Write(new Unbroken(new Text(text + "\n")));

    /// <summary>Writes a line with Spectre's markup.</summary>
    public static void StyledLine(this IAnsiConsole console, string markup) => console.Write(new Unbroken(new Markup(markup + "\n")));

    public static void WriteTable(this IAnsiConsole console, Table table) => console.Write(new TrimmedTable(table));

    /// <summary>Adds a row of texts, which may come from data.</summary>
    public static void Add(this Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(cell => new Text(Visible.Of(cell))));
}
