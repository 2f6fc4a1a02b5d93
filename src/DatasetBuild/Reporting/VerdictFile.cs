using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Reporting;

/// <summary>
/// Writes the verdicts of one shard as CSV: <c>line,verdict,droppedBy,reason,twin,key,split</c>, then a column a stage with its score,
/// and two for each stage that looks for evaluation items. Made for millions of rows:
/// what rows have in common is encoded once, and all goes straight into one array, which the next file takes over.
/// </summary>
internal sealed class VerdictFile : IDisposable
{
    /// <summary>The longest cell that is not copied: a number in its shortest form.</summary>
    private const int MaxNumber = 40;

    private readonly List<Drop> drops = [];
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(1 << 20);
    private int used;

    /// <param name="columns">The columns behind those that all such files have.</param>
    public VerdictFile(IEnumerable<string> columns)
    {
        Write(Beginning);
        Write(",key,split"u8);
        foreach (var column in columns)
        {
            Write(","u8);
            Write(Encoding.UTF8.GetBytes(VerdictCsv.Cell(column)));
        }

        End();
    }

    /// <summary>How each such file begins, and hardly any other: one that a build nobody remembers has left can be told from a user's own.</summary>
    public static ReadOnlySpan<byte> Beginning => "line,verdict,droppedBy,reason,twin"u8;

    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, used);

    public void Begin(int line) => Count(line);

    /// <param name="key">The record's key.</param>
    /// <param name="split">The split that the record stands in.</param>
    public void Kept(RecordKey key, string split)
    {
        Write(",kept,,,"u8);
        Key(key);
        Reserve(split.Length);
        used += Encoding.ASCII.GetBytes(split, bytes.AsSpan(used));
    }

    public void Dropped(RecordKey key, string stage, string reason, string? twin)
    {
        Write(CellsOf(stage, reason));
        if (twin is not null)
        {
            Write(Encoding.UTF8.GetBytes(VerdictCsv.Cell(twin)));
        }

        Key(key);
    }

    public void NoScore() => Write(","u8);

    public void Score(double value)
    {
        Write(","u8);
        if (value == (int)value && !double.IsNegative(value))
        {
            // Counts, as most scores are: the same digits, sooner.
            Count((int)value);
            return;
        }

        Reserve(MaxNumber);
        value.TryFormat(bytes.AsSpan(used), out var written, "R", CultureInfo.InvariantCulture);
        used += written;
    }

    /// <summary>An evaluation item and the words that the record shares with it.</summary>
    public void Match(EvaluationMatch? match) =>
        Write(match is null ? ",,"u8 : Encoding.UTF8.GetBytes($",{VerdictCsv.Cell(match.Item)},{VerdictCsv.Cell(match.Start)}"));

    public void End() => Write("\n"u8);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        used = 0;
    }

    private void Key(RecordKey key)
    {
        Span<byte> binary = stackalloc byte[RecordKey.Size];
        key.Write(binary);
        Reserve((2 * RecordKey.Size) + 2);
        bytes[used++] = (byte)',';
        Convert.TryToHexStringLower(binary, bytes.AsSpan(used), out var written);
        used += written;
        bytes[used++] = (byte)',';
    }

    private void Count(int value)
    {
        Reserve(MaxNumber);
        Utf8Formatter.TryFormat(value, bytes.AsSpan(used), out var written);
        used += written;
    }

    /// <summary>The cells of a drop but for the twin. There are few of them: a stage for each of its reasons.</summary>
    private byte[] CellsOf(string stage, string reason)
    {
        foreach (var known in drops)
        {
            if (known.Reason == reason && known.Stage == stage)
            {
                return known.Cells;
            }
        }

        var cells = Encoding.UTF8.GetBytes($",dropped,{VerdictCsv.Cell(stage)},{VerdictCsv.Cell(reason)},");
        drops.Add(new Drop(stage, reason, cells));
        return cells;
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        text.CopyTo(bytes.AsSpan(used));
        used += text.Length;
    }

    private void Reserve(int more)
    {
        if (bytes.Length - used < more)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(used + (long)more, Math.Min(bytes.Length * 2L, Array.MaxLength)));
            Bytes.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }
    }

    private sealed record Drop(string Stage, string Reason, byte[] Cells);
}
