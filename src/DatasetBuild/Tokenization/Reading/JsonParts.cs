using System.Text.Json;
using DatasetBuild.Records;

namespace DatasetBuild.Tokenization;

/// <summary>One value inside a JSON file: what it is and where it stands, so that every error can point at it.</summary>
internal readonly record struct JsonPart(string Name, JsonTokenType Kind, int Start, int End)
{
    public bool IsNull => Kind is JsonTokenType.Null or JsonTokenType.None;
}

/// <summary>
/// Splits JSON objects and arrays into their parts without building a tree: vocabularies have hundreds of thousands of members, and a tree would
/// forget the places.
/// </summary>
internal static class JsonParts
{
    /// <summary>The whole file as one part, after all of it was found to be valid JSON.</summary>
    public static JsonPart Whole(TokenizerFile file)
    {
        var reader = new Utf8JsonReader(file.Bytes.AsSpan(file.ContentStart));
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException) when (reader is { TokenType: JsonTokenType.EndObject, CurrentDepth: 0 } && IsObject(file, (int)reader.BytesConsumed))
        {
            throw file.Error(TokenizerErrors.NotRecognised, "These are JSON Lines, one object a line, as shards are; a tokenizer.json is a single object.");
        }
        catch (JsonException e)
        {
            throw file.ErrorAt(Offset(file, e), TokenizerErrors.InvalidJson, $"Invalid JSON. Is the file complete? {Reason(e)}", e);
        }

        return new JsonPart("", JsonTokenType.StartObject, file.ContentStart, file.Bytes.Length);
    }

    /// <summary>The members of an object, by name, in order. A name given twice is an error.</summary>
    public static Dictionary<string, JsonPart> Members(TokenizerFile file, JsonPart part)
    {
        Expect(file, part, JsonTokenType.StartObject, "an object");
        var members = new Dictionary<string, JsonPart>(StringComparer.Ordinal);
        var reader = Reader(file, part);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var place = part.Start + (int)reader.TokenStartIndex;
            var name = Text(file, ref reader, part);
            reader.Read();
            if (!members.TryAdd(name, Value(ref reader, name, part)))
            {
                throw file.ErrorAt(place, TokenizerErrors.Duplicate, $"'{name}' is given twice.");
            }
        }

        return members;
    }

    /// <summary>The elements of an array, in order.</summary>
    public static List<JsonPart> Elements(TokenizerFile file, JsonPart part)
    {
        Expect(file, part, JsonTokenType.StartArray, "an array");
        var elements = new List<JsonPart>();
        var reader = Reader(file, part);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            elements.Add(Value(ref reader, part.Name, part));
        }

        return elements;
    }

    public static string String(TokenizerFile file, JsonPart part)
    {
        Expect(file, part, JsonTokenType.String, "a string");
        var reader = Reader(file, part);
        reader.Read();
        return Text(file, ref reader, part);
    }

    /// <summary>A token's id: an integer from 0 below <see cref="TokenTable.IdLimit"/>.</summary>
    public static int Id(TokenizerFile file, JsonPart part)
    {
        var reader = Reader(file, part);
        reader.Read();
        return part.Kind == JsonTokenType.Number && reader.TryGetInt32(out var id) && id is >= 0 and < TokenTable.IdLimit
            ? id
            : throw file.ErrorAt(
                part.Start, TokenizerErrors.InvalidPart, $"The id of '{part.Name}' must be an integer from 0 to {TokenTable.IdLimit - 1}.");
    }

    private static void Expect(TokenizerFile file, JsonPart part, JsonTokenType kind, string what)
    {
        if (part.Kind != kind)
        {
            throw file.ErrorAt(part.Start, TokenizerErrors.InvalidPart, $"'{part.Name}' must be {what}.");
        }
    }

    private static Utf8JsonReader Reader(TokenizerFile file, JsonPart part) => new(file.Bytes.AsSpan(part.Start..part.End));

    private static JsonPart Value(ref Utf8JsonReader reader, string name, JsonPart parent)
    {
        var (kind, start) = (reader.TokenType, (int)reader.TokenStartIndex);
        reader.Skip();
        return new JsonPart(name, kind, parent.Start + start, parent.Start + (int)reader.BytesConsumed);
    }

    private static string Text(TokenizerFile file, ref Utf8JsonReader reader, JsonPart parent)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw file.ErrorAt(
                parent.Start + (int)reader.TokenStartIndex, TokenizerErrors.InvalidJson, "The string is not valid Unicode text.", e);
        }
    }

    /// <summary>Whether another object begins behind so many bytes of the content.</summary>
    private static bool IsObject(TokenizerFile file, int consumed) =>
        file.Bytes.AsSpan(file.ContentStart + consumed) is var rest && JsonText.LeadingSpace(rest) is var space && space < rest.Length && rest[space] == '{';

    private static int Offset(TokenizerFile file, JsonException e)
    {
        var start = file.ContentStart;
        for (var line = e.LineNumber ?? 0; line > 0; line--)
        {
            start += file.Bytes.AsSpan(start).IndexOf((byte)'\n') + 1;
        }

        return start + (int)(e.BytePositionInLine ?? 0);
    }

    // The reader's own place counts from 0 and in bytes; ours is told beside the text.
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }
}
