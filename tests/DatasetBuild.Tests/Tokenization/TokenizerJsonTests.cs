using System.Text;
using System.Text.Json;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Small tokenizer.json files of every kind with what the Hugging Face library makes of hard texts.</summary>
public sealed class TokenizerJsonTests
{
    public static TheoryData<string> Fixtures => [.. Folders().DefaultIfEmpty("gpt2")];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Texts_are_encoded_and_decoded_as_by_the_library(string fixture)
    {
        var tokenizer = Tokenizers.Load(SharedData.Path("tokenizer-json", fixture, "tokenizer.json"), fixture);
        using var cases = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", fixture, "cases.json")));
        Compare(tokenizer, cases.RootElement.GetProperty("cases"), TrimsPlaces(fixture)).ShouldBeGreaterThan(50);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Pairs_are_encoded_as_by_the_library(string fixture)
    {
        var tokenizer = Tokenizers.Load(SharedData.Path("tokenizer-json", fixture, "tokenizer.json"), fixture);
        using var cases = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", fixture, "cases.json")));
        foreach (var @case in cases.RootElement.TryGetProperty("pairs", out var pairs) ? pairs.EnumerateArray() : default)
        {
            var (text, pair) = (@case.GetProperty("text").GetString()!, @case.GetProperty("pair").GetString()!);
            var plain = tokenizer.EncodeText(text, pair);
            var encoded = tokenizer.EncodeText(text, pair, addSpecialTokens: true);
            foreach (var member in @case.EnumerateObject().Where(member => member.Name is not ("text" or "pair")))
            {
                var value = JsonSerializer.Serialize(member.Value);
                (member.Name switch
                {
                    "ids" => JsonSerializer.Serialize(plain.Ids),
                    "type_ids" => JsonSerializer.Serialize(plain.TypeIds),
                    "ids_with_special" => JsonSerializer.Serialize(encoded.Ids),
                    "type_ids_with_special" => JsonSerializer.Serialize(encoded.TypeIds),
                    "special_tokens_mask" => JsonSerializer.Serialize(encoded.SpecialTokensMask),
                    "offsets_with_special" => Offsets(encoded),
                    _ => throw new InvalidOperationException($"'{member.Name}' is not compared."),
                }).ShouldBe(value, $"{member.Name} of '{text}' and '{pair}'");
            }
        }
    }

    [Fact]
    public void Broken_files_are_refused_and_unusual_ones_are_read_as_by_the_library()
    {
        using var files = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", "refused.json")));
        foreach (var file in files.RootElement.EnumerateArray())
        {
            var name = file.GetProperty("name").GetString()!;
            var path = TemporaryFile.With(file.GetProperty("file").GetRawText());
            if (file.TryGetProperty("accepted", out _))
            {
                Compare(Tokenizers.Load(path, name), file.GetProperty("cases")).ShouldBeGreaterThan(0, name);
            }
            else
            {
                Should.Throw<DatasetException>(() => Tokenizers.Load(path, "t.json"), name).Diagnostic.Code.ShouldStartWith("DSB30", customMessage: name);
            }
        }
    }

    /// <summary>Whether the post-processor of a fixture leaves the spaces of tokens out of their places.</summary>
    internal static bool TrimsPlaces(string fixture) => fixture is "gpt2" or "roberta";

    /// <summary>Compares with what the library made of texts, and returns of how many.</summary>
    internal static int Compare(ITokenizer tokenizer, JsonElement cases, bool trims = false)
    {
        var compared = 0;
        foreach (var @case in cases.EnumerateArray())
        {
            var text = @case.GetProperty("text").GetString()!;
            var utf8 = Encoding.UTF8.GetBytes(text);
            compared++;
            if (@case.TryGetProperty("error", out _))
            {
                Should.Throw<DatasetException>(() => tokenizer.EncodeText(text), text).Diagnostic.Code.ShouldBe("DSB3016");
                Should.Throw<DatasetException>(() => tokenizer.Count(utf8), text).Diagnostic.Code.ShouldBe("DSB3016");
                continue;
            }

            var encoded = tokenizer.EncodeText(text);
            encoded.Tokens.ShouldBe(Strings(@case, "tokens"), text);
            JsonSerializer.Serialize(encoded.Ids).ShouldBe(Value(@case, "ids"), text);
            Offsets(encoded).ShouldBe(Value(@case, "offsets"), text);
            var special = tokenizer.EncodeText(text, addSpecialTokens: true);
            JsonSerializer.Serialize(special.Ids).ShouldBe(Value(@case, "ids_with_special"), text);
            tokenizer.Decode([.. encoded.Ids]).ShouldBe(@case.GetProperty("decoded").GetString(), text);
            tokenizer.Decode([.. special.Ids], skipSpecialTokens: true).ShouldBe(@case.GetProperty("decoded_skip_special").GetString(), text);
            tokenizer.ShouldEncodeAs(utf8, encoded, text, trims);
            tokenizer.Count(utf8).ShouldBe(encoded.Ids.Count, text);
        }

        return compared;
    }

    private static string Offsets(EncodedText encoded) => JsonSerializer.Serialize(encoded.Offsets.Select(offset => new[] { offset.Start, offset.End }));

    private static string Value(JsonElement @case, string name) => JsonSerializer.Serialize(@case.GetProperty(name));

    private static IEnumerable<string?> Strings(JsonElement @case, string name) => @case.GetProperty(name).EnumerateArray().Select(text => text.GetString());

    // Without the shared files the one name makes a test that is skipped.
    private static IEnumerable<string> Folders() =>
        SharedData.Find("tokenizer-json") is { } folder ? Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal) : [];
}
