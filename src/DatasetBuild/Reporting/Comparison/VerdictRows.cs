using System.Buffers;
using System.Buffers.Text;
using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Reporting;

/// <summary>
/// Reads the verdicts of one shard row by row, as <see cref="VerdictFile"/> wrote them, through one buffer that grows to the longest row.
/// </summary>
internal sealed class VerdictRows : IComparedRows
{
    private const int FixedColumns = 7;
    private const int KeyColumn = 5;
    private const int SplitColumn = 6;
    private const int MaxRowBytes = 16 << 20;

    private readonly string path;
    private readonly FileStream file;
    private readonly int[] cellEnds = new int[FixedColumns];
    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int length; // of the current row
    private int end;
    private long offset; // of buffer[0]

    /// <exception cref="DatasetException">The file is not there, or holds no verdicts that tell keys.</exception>
    public VerdictRows(string path)
    {
        this.path = path;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(DataCodes.UnusableReport, $"verdicts that belong to the report cannot be read ({error.Message}). Build the dataset again, or get the whole report.", path, inner: error);
        }

        if (!NextRow() || !Row.StartsWith(VerdictFile.Beginning) || !Row[VerdictFile.Beginning.Length..].StartsWith(",key,split"u8))
        {
            file.Dispose();
            throw Damaged("they do not name the records' keys, as those of an earlier version");
        }

        Columns = Cells(Row).Skip(FixedColumns).ToArray();
    }

    /// <summary>The names of the columns behind the usual ones.</summary>
    public IReadOnlyList<string> Columns { get; }

    public int Line { get; private set; }

    public RecordKey Key { get; private set; }

    public long Place => offset + start;

    /// <summary>Verdict, stage and reason as they stand in the row.</summary>
    public ReadOnlySpan<byte> Fate => Row[(cellEnds[0] + 1)..cellEnds[3]];

    public ReadOnlySpan<byte> Split => Cell(SplitColumn);

    private ReadOnlySpan<byte> Row => buffer.AsSpan(start, length);

    public bool Read()
    {
        start += length + 1;
        if (!NextRow())
        {
            return false;
        }

        var quoted = false;
        var cell = 0;
        for (var i = 0; i < length && cell < FixedColumns; i++)
        {
            var c = buffer[start + i];
            quoted ^= c == '"';
            if (c == ',' && !quoted)
            {
                cellEnds[cell++] = i;
            }
        }

        if (cell == FixedColumns - 1)
        {
            cellEnds[cell++] = length;
        }

        Span<char> key = stackalloc char[2 * RecordKey.Size];
        if (cell < FixedColumns || !Utf8Parser.TryParse(Row[..cellEnds[0]], out int line, out _)
            || !Encoding.ASCII.TryGetChars(Cell(KeyColumn), key, out var digits) || !RecordKey.TryParse(key[..digits], out var parsed))
        {
            throw Damaged("a row is not as a build writes it");
        }

        Line = line;
        Key = parsed;
        return true;
    }

    public RecordFate ParseFate()
    {
        var cells = Cells(Fate);
        return new RecordFate(cells[0] == "kept", Encoding.UTF8.GetString(Split), cells[1], cells[2]);
    }

    /// <summary>The cells of the row that starts at a <see cref="Place"/>.</summary>
    public List<string> CellsAt(long place)
    {
        file.Position = place;
        (offset, start, length, end) = (place, 0, 0, 0);
        return NextRow() ? Cells(Row) : throw Damaged("a row is gone");
    }

    public void Dispose() => file.Dispose();

    private ReadOnlySpan<byte> Cell(int cell) => Row[(cell == 0 ? 0 : cellEnds[cell - 1] + 1)..cellEnds[cell]];

    /// <summary>Finds the end of the row that begins at <see cref="start"/>: a line break outside of quotes.</summary>
    private bool NextRow()
    {
        var searched = 0;
        while (true)
        {
            var rest = buffer.AsSpan(start, end - start);
            for (int newline; (newline = rest[searched..].IndexOf((byte)'\n')) >= 0;)
            {
                length = searched + newline;
                if (rest[..length].Count((byte)'"') % 2 == 0)
                {
                    return true;
                }

                searched = length + 1;
            }

            searched = rest.Length;
            if (!Fill())
            {
                return rest.IsEmpty ? false : throw Damaged("the last row is cut off");
            }
        }
    }

    private bool Fill()
    {
        if (end - start > MaxRowBytes)
        {
            throw Damaged("a row does not end");
        }

        buffer.AsSpan(start, end - start).CopyTo(buffer);
        offset += start;
        (start, end) = (0, end - start);
        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 4);
        }

        var some = file.Read(buffer.AsSpan(end));
        end += some;
        return some > 0;
    }

    private DatasetException Damaged(string how) =>
        new(DataCodes.UnusableReport, $"the verdicts of this report cannot be compared: {how}. Build the dataset again.", path);

    private static List<string> Cells(ReadOnlySpan<byte> row)
    {
        var cells = new List<string>();
        var cell = new ArrayBufferWriter<byte>();
        var quoted = false;
        for (var i = 0; i < row.Length; i++)
        {
            var c = row[i];
            var isPair = quoted && c == '"' && i + 1 < row.Length && row[i + 1] == '"';
            if (c == '"' && !isPair)
            {
                quoted = !quoted;
                continue;
            }

            if (c == ',' && !quoted)
            {
                cells.Add(Encoding.UTF8.GetString(cell.WrittenSpan));
                cell.ResetWrittenCount();
                continue;
            }

            cell.Write([c]);
            i += isPair ? 1 : 0;
        }

        cells.Add(Encoding.UTF8.GetString(cell.WrittenSpan));
        return cells;
    }
}
