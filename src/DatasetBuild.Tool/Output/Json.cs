using System.Text.Encodings.Web;
using System.Text.Json;

namespace DatasetBuild.Tool.Output;

/// <summary>Answers for programs.</summary>
internal static class Json
{
    /// <summary>Whether an answer has begun: there can be no second one.</summary>
    public static bool HasBegun { get; private set; }

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one JSON value to standard output.</summary>
    public static void Write(Action<Utf8JsonWriter> body, bool indented = true)
    {
        HasBegun = true;
        using var output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, Options with { Indented = indented }))
        {
            body(json);
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>Hands over what is written so far, so that a long array is not held in memory.</summary>
    public static void FlushNowAndThen(this Utf8JsonWriter json)
    {
        if (json.BytesPending > 1 << 16)
        {
            json.Flush();
        }
    }

    /// <summary>Writes a number, or null where there is none.</summary>
    public static void WriteNumberOrNull(this Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>A member's text; empty where there is none.</summary>
    public static string Text(this JsonElement json, string name) => json.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "";

    public static IReadOnlyList<string> Texts(this JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
