using System.Globalization;
using System.Numerics;
using System.Text.Json;
using DatasetBuild.Tokenization.Jinja;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>JSON as the values of a template: keys in their order, integers apart from floats.</summary>
internal static class JsonValues
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 200 };

    /// <summary>Null where the text is not JSON, or holds half a surrogate pair.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> utf8, out object? value)
    {
        value = null;
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            value = Of(document.RootElement);
            return true;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    public static object? Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => Number(element.GetRawText()),
        JsonValueKind.Array => new ListValue([.. element.EnumerateArray().Select(Of)]),
        JsonValueKind.Object => Dict(element),
        _ => null,
    };

    private static object Number(string text) =>
        text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0 ? double.Parse(text, CultureInfo.InvariantCulture) : Values.Normal(BigInteger.Parse(text, CultureInfo.InvariantCulture));

    private static DictValue Dict(JsonElement element)
    {
        var dict = new DictValue();
        foreach (var property in element.EnumerateObject())
        {
            dict.Set(property.Name, Of(property.Value));
        }

        return dict;
    }
}
