using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace DatasetBuild.Reporting;

/// <summary>
/// Writes the verdicts of one shard as CSV: <c>line,verdict,droppedBy,reason,twin</c>, then a column a stage with its score. Made for millions of rows:
/// no string is built.
/// </summary>
internal sealed class VerdictFile : IDisposable
{
    private readonly ArrayBufferWriter<byte> bytes = new(1 << 16);
    private readonly Dictionary<string, byte[]> cells = new(StringComparer.Ordinal);

    public VerdictFile(IEnumerable<string> stages)
    {
        Write("line,verdict,droppedBy,reason,twin"u8);
        foreach (var stage in stages)
        {
            Write(","u8);
            Write(CellOf(stage));
        }

        End();
    }

    public ReadOnlySpan<byte> Bytes => bytes.WrittenSpan;

    public void Begin(int line)
    {
        Utf8Formatter.TryFormat(line, bytes.GetSpan(16), out var written);
        bytes.Advance(written);
    }

    public void Kept() => Write(",kept,,,"u8);

    public void Dropped(string stage, string reason, string? twin)
    {
        Write(",dropped,"u8);
        Write(CellOf(stage));
        Write(","u8);
        Write(CellOf(reason));
        Write(","u8);
        if (twin is not null)
        {
            Write(Encoding.UTF8.GetBytes(VerdictCsv.Cell(twin)));
        }
    }

    public void Score(double? value)
    {
        Write(","u8);
        if (value is { } number && number == (int)number && !double.IsNegative(number))
        {
            // Counts, as most scores are: the same digits, sooner.
            Utf8Formatter.TryFormat((int)number, bytes.GetSpan(16), out var digits);
            bytes.Advance(digits);
        }
        else if (value is { } any)
        {
            any.TryFormat(bytes.GetSpan(40), out var written, "R", CultureInfo.InvariantCulture);
            bytes.Advance(written);
        }
    }

    public void End() => Write("\n"u8);

    public void Dispose() => cells.Clear();

    private byte[] CellOf(string text)
    {
        if (!cells.TryGetValue(text, out var cell))
        {
            cell = cells[text] = Encoding.UTF8.GetBytes(VerdictCsv.Cell(text));
        }

        return cell;
    }

    private void Write(ReadOnlySpan<byte> text) => bytes.Write(text);
}
