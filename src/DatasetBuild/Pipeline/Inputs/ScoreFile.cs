using System.Globalization;
using System.Text;
using DatasetBuild.Records;
using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>Reads a score file: JSON Lines (or an array) of objects, or CSV with a header, told apart by the first character.</summary>
internal sealed class ScoreFile(string fullPath, string idField, string scoreField)
{
    private const int MaxRowBytes = 16 << 20;
    private const int MaxShown = 200;
    private readonly Dictionary<string, ScoreRow> rows = new(StringComparer.Ordinal);

    /// <summary>The rows by id.</summary>
    /// <exception cref="DatasetException">A row cannot be read, or one id has two scores.</exception>
    public Dictionary<string, ScoreRow> Read()
    {
        try
        {
            if (IsJson())
            {
                ReadJson();
            }
            else
            {
                ReadCsv();
            }

            return rows;
        }
        catch (DecoderFallbackException error)
        {
            throw new DatasetException(
                DataCodes.InvalidScoreFile, $"the score file is not UTF-8: it has the byte 0x{error.BytesUnknown?.FirstOrDefault():x2}. Save it as UTF-8.", fullPath, inner: error);
        }
        catch (InvalidDataException error)
        {
            throw new DatasetException(DataCodes.InvalidScoreFile, ShardStream.Damaged, fullPath, inner: error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                DataCodes.InvalidScoreFile, $"the score file cannot be read ({error.Message}). Check its permissions and the disk that it lies on.", fullPath, inner: error);
        }
    }

    public static DatasetException Fail(string fullPath, int line, string message) =>
        new(DataCodes.InvalidScoreFile, message, fullPath, line, line > 0 ? 1 : 0);

    private bool IsJson()
    {
        using var reader = new RecordReader(fullPath, MaxRowBytes);
        return reader.Container == Container.Array || reader.Peek(1).StartsWith("{"u8);
    }

    private void ReadJson()
    {
        var id = new RawField(idField);
        var score = new RawField(scoreField);
        using var reader = new RecordReader(fullPath, MaxRowBytes);
        while (NextRow(reader))
        {
            var json = reader.Json;
            RequireObject(reader);
            var name = id.Read(json).Label ?? throw Fail(fullPath, reader.Line, $"this row has no '{idField}' to join by. Name the field with {(idField == "key" ? "KeyField or IdField" : "IdField")}.");
            var value = score.Read(json);
            Add(name, value.Kind == RawKind.Text ? ParseNumber(value.Text!, reader.Line) : value.Kind == RawKind.Number ? value.Number : null, reader.Line);
        }
    }

    private void RequireObject(RecordReader reader)
    {
        try
        {
            JsonText.RequireObject(reader.Json, "A score file has one a line, or an array of them.");
        }
        catch (InvalidRecordException error)
        {
            var (line, column) = TextPosition.Locate(reader.Json, error.Offset, reader.Line, reader.Column);
            throw new DatasetException(DataCodes.InvalidScoreFile, error.Message, fullPath, line, column, error);
        }
    }

    private bool NextRow(RecordReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (InvalidRecordException error)
        {
            throw error.Code == DataCodes.RecordTooLarge
                ? TooLong(reader.Line)
                : new DatasetException(DataCodes.InvalidScoreFile, error.Message, fullPath, reader.Line, reader.Column, error);
        }
    }

    private DatasetException TooLong(int line) => Fail(fullPath, line, $"this row is longer than {MaxRowBytes >> 20} MiB, which no score is. Take it out.");

    private void ReadCsv()
    {
        using var content = new ShardStream(fullPath, digest: false);
        using var text = new StreamReader(content, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var csv = new CsvReader(text, MaxRowBytes);
        var header = csv.ReadRow() ?? throw Fail(fullPath, 1, "the score file is empty: it needs a header line.");
        if (csv.IsTooLong)
        {
            throw TooLong(csv.Line);
        }

        var id = Array.IndexOf(header, idField);
        var score = Array.IndexOf(header, scoreField);
        if (id < 0 || score < 0)
        {
            throw Fail(fullPath, 1, $"the header has no column '{(id < 0 ? idField : scoreField)}'. It has: {Shown(string.Join(", ", header))}.");
        }

        while (csv.ReadRow() is { } row)
        {
            if (csv.IsTooLong)
            {
                throw TooLong(csv.Line);
            }

            if (csv.IsUnclosed)
            {
                throw Fail(fullPath, csv.Line, "this row opens a quote that is never closed.");
            }

            if (row.Length != header.Length)
            {
                throw Fail(fullPath, csv.Line, $"this row has {row.Length} columns, the header has {header.Length}.");
            }

            Add(row[id], row[score].Length == 0 ? null : ParseNumber(row[score], csv.Line), csv.Line);
        }
    }

    private double ParseNumber(string text, int line) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw Fail(fullPath, line, $"the score '{Shown(text)}' is not a finite number. Leave it empty (CSV) or null (JSON) where there is none.");

    /// <summary>The start of a text from the file, as a message may quote it.</summary>
    internal static string Shown(string text) => Visible.Start(text, MaxShown);

    private void Add(string id, double? score, int line)
    {
        if (rows.TryGetValue(id, out var earlier) && earlier.Score != score)
        {
            throw Fail(fullPath, line, $"'{Shown(id)}' has another score on line {earlier.Line}. Which one counts cannot be known: keep one.");
        }

        rows[id] = new ScoreRow(score, line);
    }
}
