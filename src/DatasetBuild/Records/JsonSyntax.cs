using System.Text.Json;

namespace DatasetBuild.Records;

/// <summary>Asks the framework's reader what is wrong with JSON that <see cref="JsonScanner"/> refused.</summary>
internal static class JsonSyntax
{
    /// <summary>The error of a record that is not valid JSON, with its place.</summary>
    /// <exception cref="InvalidOperationException">It is valid after all: the two readers disagree.</exception>
    public static InvalidRecordException Explain(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, JsonText.Strict);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException error)
        {
            var offset = OffsetOf(json, error);
            return new InvalidRecordException(DataCodes.InvalidJson, offset, $"this is not valid JSON: {Plain(error)} {Remedy(json, offset)}");
        }

        throw new InvalidOperationException("Two readers disagree about whether a record is valid JSON.");
    }

    private static string Remedy(ReadOnlySpan<byte> json, int offset) =>
        offset >= json.Length ? "The record is cut off, or a quote or bracket in it is not closed: mend it, or get the file again."
        : IsTooDeep(json[..offset]) ? $"Records are nested at most {JsonScanner.MaxDepth} levels deep: take out what is deeper."
        : "Mend the record.";

    /// <summary>Whether as many containers are open behind these bytes as may be.</summary>
    private static bool IsTooDeep(ReadOnlySpan<byte> valid)
    {
        var reader = new Utf8JsonReader(valid, isFinalBlock: false, new JsonReaderState(JsonText.Strict));
        while (reader.Read())
        {
        }

        return reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0) >= JsonScanner.MaxDepth;
    }

    private static int OffsetOf(ReadOnlySpan<byte> json, JsonException error)
    {
        var at = 0;
        for (var line = 0L; line < (error.LineNumber ?? 0); line++)
        {
            at += json[at..].IndexOf((byte)'\n') + 1;
        }

        return Math.Min(json.Length, at + (int)(error.BytePositionInLine ?? 0));
    }

    /// <summary>What is wrong with a file that the framework's reader refused, and on which line.</summary>
    public static string PlaceAndReason(JsonException error) => $"line {(error.LineNumber ?? 0) + 1} is not valid JSON: {Plain(error)}";

    /// <summary>The reader's message without the position that it counts from zero.</summary>
    private static string Plain(JsonException error)
    {
        var text = error.Message;
        var position = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? text : text[..position];
    }
}
