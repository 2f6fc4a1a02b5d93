using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Answers;

/// <summary>A text, or the two texts of a pair.</summary>
internal sealed record TextToEncode(string Text, string? Pair);

/// <summary>Reads texts from a JSON array of strings and of arrays of two strings.</summary>
internal static class TextsToEncode
{
    /// <summary>Names standard input where a file is asked for.</summary>
    private const string StandardInput = "-";

    public static IReadOnlyList<TextToEncode> Read(string path)
    {
        if (path != StandardInput && UnusableFile.Describe(Path.GetFullPath(path)) is { } problem)
        {
            throw new UsageException($"the file '{path}' cannot be read: {problem}.");
        }

        try
        {
            using var source = path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path);
            using var json = JsonDocument.Parse(source);
            return json.RootElement.ValueKind == JsonValueKind.Array ? [.. json.RootElement.EnumerateArray().Select(Of)] : throw new FormatException("it is no array.");
        }
        catch (JsonException error)
        {
            throw NoTexts(JsonSyntax.PlaceAndReason(error));
        }
        catch (FormatException error)
        {
            throw NoTexts(error.Message);
        }

        UsageException NoTexts(string reason) => new($"{(path == StandardInput ? "standard input" : $"'{path}'")} is not a JSON array of texts, each a string or an array of two: {reason}");
    }

    private static TextToEncode Of(JsonElement element, int number) =>
        element.ValueKind != JsonValueKind.Array ? new TextToEncode(String(element, number), null)
        : element.GetArrayLength() == 2 ? new TextToEncode(String(element[0], number), String(element[1], number))
        : throw new FormatException($"element {number} is an array of {element.GetArrayLength()}.");

    private static string String(JsonElement element, int number)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            throw new FormatException($"element {number} is {element.ValueKind switch
            {
                JsonValueKind.Object => "an object",
                JsonValueKind.Array => "an array in an array",
                JsonValueKind.Number => "a number",
                _ => element.GetRawText(),
            }}.");
        }

        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FormatException($"element {number} is no text: it has half of a surrogate pair, or a byte that is not UTF-8.");
        }
    }
}
