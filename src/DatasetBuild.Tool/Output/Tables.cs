using Spectre.Console;

namespace DatasetBuild.Tool.Output;

/// <summary>A column of a table: numbers stand to the right and are never broken.</summary>
internal sealed record Column(string Head, bool IsNumber = false, bool MayWrap = false)
{
    public static Column Number(string head) => new(head, IsNumber: true);

    public static Column Prose(string head) => new(head, MayWrap: true);
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

    /// <summary>Adds a row of texts, which may come from data.</summary>
    public static void Add(this Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(cell => new Text(Visible.Of(cell))));
}
