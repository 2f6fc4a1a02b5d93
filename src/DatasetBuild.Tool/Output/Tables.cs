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

/// <summary>Plain tables: a head, a line, rows.</summary>
internal static class Tables
{
    public static Table Of(params IEnumerable<Column> columns)
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        table.BorderStyle(Style.Parse("dim"));
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(Visible.Of(column.Head)))
            {
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
                NoWrap = !column.MayWrap,
            });
        }

        return table;
    }

    public static void WriteTable(this IAnsiConsole console, Table table) => console.Write(new TrimmedTable(table));

    /// <summary>Adds a row of texts, which may come from data.</summary>
    public static void Add(this Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(cell => new Text(Visible.Of(cell))));
}
