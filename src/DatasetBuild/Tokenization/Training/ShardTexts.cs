using DatasetBuild.Records;

namespace DatasetBuild.Tokenization;

/// <summary>Receives one text, in UTF-8, which is gone after the call.</summary>
public delegate void TextHandler(ReadOnlySpan<byte> utf8);

/// <summary>Reads the texts of a shard one after the other, holding no more than one record.</summary>
public static class ShardTexts
{
    /// <summary>Hands over the texts of a part of all records, in order. A record without the part has none.</summary>
    /// <param name="path">The shard.</param>
    /// <param name="shape">How its records are read.</param>
    /// <param name="part">Which texts.</param>
    /// <param name="maxRecordBytes">A record above this size is invalid.</param>
    /// <param name="onText">Receives each text.</param>
    /// <param name="onRecord">Called behind each record.</param>
    /// <exception cref="DatasetException">The shard cannot be read, or a record of it, whose place is told.</exception>
    public static void Read(string path, ShapeOptions shape, Part part, int maxRecordBytes, TextHandler onText, Action onRecord)
    {
        try
        {
            using var reader = new RecordReader(path, maxRecordBytes);
            using var parser = new ConversationParser(shape);
            while (ReadValue(reader, path))
            {
                Parse(reader, parser, path);
                for (var i = 0; i < parser.Count; i++)
                {
                    foreach (var text in new Conversation(parser.Canonical(reader.Json, i)).Texts(part))
                    {
                        onText(text);
                    }

                    onRecord();
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DatasetException(DataCodes.UnreadableShard, $"the shard cannot be read ({error.Message}). Check its path, its permissions, and whether it is complete.", path, inner: error);
        }
    }

    private static bool ReadValue(RecordReader reader, string path)
    {
        try
        {
            return reader.Read();
        }
        catch (InvalidRecordException error)
        {
            throw Invalid(path, error, reader.Line, reader.Column);
        }
    }

    private static void Parse(RecordReader reader, ConversationParser parser, string path)
    {
        try
        {
            parser.Parse(reader.Json);
        }
        catch (InvalidRecordException error)
        {
            var (line, column) = TextPosition.Locate(reader.Json, error.Offset, reader.Line, reader.Column);
            throw Invalid(path, error, line, column);
        }
    }

    // What is wrong with a file of another format is not its first line.
    private static DatasetException Invalid(string path, InvalidRecordException error, int line, int column) => ForeignFormat.Refusal(path) is { } format
        ? new DatasetException(DataCodes.ForeignFormat, format, path, inner: error)
        : new DatasetException(error.Code, error.Message, path, line, column, error);
}
