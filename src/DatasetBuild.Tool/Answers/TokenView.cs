using System.Text;
using System.Text.Json;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tool.Answers;

/// <summary>A token as people and other tokenizer libraries see it; offsets are Unicode code points of the text, half open.</summary>
internal readonly record struct ShownToken(int Id, string Text, int Start, int End);

/// <summary>
/// Shows tokens the way the library does that a tokenizer file comes from: the pieces of a Hugging Face <c>tokenizer.json</c> in the alphabet of bytes
/// and with the offsets that its post-processor reports, those of a rank file as the text that they decode to.
/// </summary>
internal sealed class TokenView
{
    private readonly ITokenizer tokenizer;
    private readonly bool inByteAlphabet;
    private readonly OffsetTrimming? trimming;

    public TokenView(string path)
    {
        tokenizer = Tokenizers.Load(Path.GetFullPath(path), path);
        var bytes = File.ReadAllBytes(path).AsSpan();
        var content = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        inByteAlphabet = content.TrimStart(" \t\r\n"u8).StartsWith("{"u8);
        if (inByteAlphabet)
        {
            using var json = JsonDocument.Parse(content.ToArray(), new JsonDocumentOptions { MaxDepth = 1024 });
            trimming = OffsetTrimming.Of(json.RootElement);
        }
    }

    public List<ShownToken> Encode(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var tokens = new List<Token>();
        tokenizer.Encode(utf8, tokens);
        var places = CodePoints(utf8);
        var shown = new List<ShownToken>(tokens.Count);
        foreach (var token in tokens)
        {
            // A piece of a character has the place of the whole character.
            var start = places[token.Start];
            var end = token.End > token.Start ? places[token.End - 1] + 1 : start;
            var written = Write(tokenizer.Bytes(token.Id));
            if (trimming is { } trim)
            {
                (start, end) = trim.Apply(written, start, end);
            }

            shown.Add(new ShownToken(token.Id, written, start, end));
        }

        return shown;
    }

    /// <summary>For each byte the number of the code point that it belongs to; one entry more for the end.</summary>
    private static int[] CodePoints(byte[] utf8)
    {
        var places = new int[utf8.Length + 1];
        var point = -1;
        for (var i = 0; i < utf8.Length; i++)
        {
            point += (utf8[i] & 0xC0) != 0x80 ? 1 : 0;
            places[i] = point;
        }

        places[^1] = point + 1;
        return places;
    }

    private string Write(ReadOnlySpan<byte> bytes)
    {
        if (!inByteAlphabet)
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var written = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            written.Append(ByteLevelAlphabet.Encode(b));
        }

        return written.ToString();
    }
}

/// <summary>What a <c>tokenizer.json</c> with <c>trim_offsets</c> does to offsets: white space at the ends of a token is left out.</summary>
internal sealed record OffsetTrimming(bool AddPrefixSpace)
{
    private const char Space = 'Ġ';

    /// <summary>What the file's post-processor asks for, or null.</summary>
    public static OffsetTrimming? Of(JsonElement tokenizer) =>
        tokenizer.TryGetProperty("post_processor", out var processor) ? OfProcessor(processor) : null;

    public (int Start, int End) Apply(string token, int start, int end)
    {
        var leading = token.TakeWhile(IsSpace).Count();
        var trailing = token.Reverse().TakeWhile(IsSpace).Count();
        if (leading > 0)
        {
            // The one space that stands before the text was not put there by the writer.
            leading = start == 0 && AddPrefixSpace && leading == 1 ? 0 : leading;
            start = Math.Min(start + leading, end);
        }

        return trailing > 0 && end >= trailing ? (start, Math.Max(end - trailing, start)) : (start, end);
    }

    private static OffsetTrimming? OfProcessor(JsonElement processor)
    {
        if (processor.ValueKind != JsonValueKind.Object || !processor.TryGetProperty("type", out var type))
        {
            return null;
        }

        return type.GetString() switch
        {
            "Sequence" when processor.TryGetProperty("processors", out var steps) => steps.EnumerateArray().Select(OfProcessor).FirstOrDefault(step => step is not null),
            "ByteLevel" or "RobertaProcessing" when Flag(processor, "trim_offsets") => new OffsetTrimming(Flag(processor, "add_prefix_space")),
            _ => null,
        };
    }

    private static bool Flag(JsonElement processor, string name) => !processor.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.True;

    private static bool IsSpace(char c) => c == Space || char.IsWhiteSpace(c);
}
