using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Answers;

/// <summary>A text, or the two texts of a pair.</summary>
internal sealed record TextToEncode(string Text, string? Pair);

/// <summary>Reads texts from a JSON array of strings and of arrays of two strings.</summary>
internal static class TextsToEncode
{
    public static IReadOnlyList<TextToEncode> Read(string path)
    {
        if (UnusableFile.Describe(Path.GetFullPath(path)) is { } problem)
        {
            throw new UsageException($"the file '{path}' cannot be read: {problem}.");
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return [.. json.RootElement.EnumerateArray().Select(Of)];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new UsageException($"'{path}' is not a JSON array of strings: {error.Message}");
        }
    }

    private static TextToEncode Of(JsonElement element) =>
        element.ValueKind != JsonValueKind.Array ? new TextToEncode(String(element), null)
        : element.GetArrayLength() == 2 ? new TextToEncode(String(element[0]), String(element[1]))
        : throw new InvalidOperationException("a pair has two texts.");

    private static string String(JsonElement element) => element.GetString() ?? throw new InvalidOperationException("null is no text.");
}
