namespace DatasetBuild.Reporting;

/// <summary>Reads single rows of verdicts again. The file that was asked for last stays open: differences come shard by shard.</summary>
internal sealed class RowLookup(ComparedSide side) : IDisposable
{
    // Behind line, verdict, stage, reason, twin, key and split.
    private const int TwinColumn = 4;
    private const int FixedColumns = 7;

    private string? shard;
    private VerdictRows? open;

    /// <summary>The record with all that its row says, where it has one.</summary>
    public ComparedRecord Complete(ComparedRecord record, long place)
    {
        if (!side.HasVerdicts)
        {
            return record;
        }

        if (shard != record.Shard)
        {
            open?.Dispose();
            open = new VerdictRows(side.VerdictsOf(record.Shard));
            shard = record.Shard;
        }

        var cells = open!.CellsAt(place);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (column, cell) in open.Columns.Zip(cells.Skip(FixedColumns)))
        {
            if (cell.Length > 0)
            {
                values[column] = cell;
            }
        }

        return record with { Twin = cells.ElementAtOrDefault(TwinColumn) ?? "", Values = values };
    }

    public void Dispose() => open?.Dispose();
}
