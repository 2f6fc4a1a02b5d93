using System.Text;
using System.Text.Json;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Small tokenizer.json files with what the Hugging Face library makes of hard texts, or why we refuse them.</summary>
public sealed class TokenizerJsonTests
{
    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3-apply-merges")]
    [InlineData("llama3-ignore-merges")]
    [InlineData("cl100k-removed-invert")]
    public void Ids_and_offsets_are_those_of_the_library(string fixture)
    {
        var path = SharedData.Path("tokenizer-json", fixture, "tokenizer.json");
        var tokenizer = Tokenizers.Load(path, fixture);
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        using var cases = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", fixture, "cases.json")));
        var added = file.RootElement.GetProperty("added_tokens").EnumerateArray().Select(token => token.GetProperty("content").GetString()!).ToList();
        // GPT-2's post-processor leaves out the spaces at the ends of a token, but for a single one that starts the text.
        var trims = fixture == "gpt2";
        var compared = 0;
        foreach (var @case in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = @case.GetProperty("text").GetString()!;
            if (added.Any(token => text.Contains(token, StringComparison.Ordinal)))
            {
                continue;
            }

            var tokens = new List<Token>();
            tokenizer.Encode(Encoding.UTF8.GetBytes(text), tokens);
            tokens.Select(token => token.Id).ShouldBe(@case.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), text);
            tokenizer.Count(Encoding.UTF8.GetBytes(text)).ShouldBe(tokens.Count, text);
            var offsets = @case.GetProperty("offsets").EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt32())).ToList();
            var ours = Characters(text, tokens).ToList();
            (trims ? Trimmed(text, ours).ToList() : ours).ShouldBe(offsets, text);
            compared++;
        }

        compared.ShouldBeGreaterThan(50);
    }

    [Theory]
    [InlineData("bert-uncased", "DSB3012")]
    [InlineData("qwen2", "DSB3012", "NFC")]
    [InlineData("norm-nfc-lower", "DSB3012")]
    [InlineData("bytelevel-normalizer", "DSB3012", "ByteLevel")]
    [InlineData("wordlevel-whitespace", "DSB3010", "WordLevel")]
    [InlineData("unigram-ties", "DSB3010", "Unigram")]
    [InlineData("bpe-continuing-prefix", "DSB3010", "continuing_subword_prefix")]
    [InlineData("byte-fallback-partial", "DSB3010", "byte_fallback")]
    [InlineData("bpe-unk-fuse", "DSB3006")]
    [InlineData("bytelevel-missing-bytes", "DSB3006")]
    [InlineData("bytelevel-no-regex", "DSB3011", "add_prefix_space")]
    [InlineData("roberta", "DSB3011", "add_prefix_space")]
    [InlineData("gpt2-prefix-space-notrim", "DSB3011", "add_prefix_space")]
    [InlineData("starcoder-digits", "DSB3011", "Digits")]
    [InlineData("deepseek-style", "DSB3011", "4 pre-tokenizers")]
    public void What_is_not_supported_is_named(string fixture, string code, string named = "")
    {
        var path = SharedData.Path("tokenizer-json", fixture, "tokenizer.json");
        var error = Should.Throw<DatasetException>(() => Tokenizers.Load(path, "models/tokenizer.json")).Diagnostic;
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(named);
        error.File.ShouldBe("models/tokenizer.json");
    }

    [Fact]
    public void No_broken_or_unusual_file_is_loaded()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", "refused.json")));
        foreach (var @case in cases.RootElement.EnumerateArray())
        {
            var file = TemporaryFile.With(@case.GetProperty("file").GetRawText());
            Should.Throw<DatasetException>(() => Tokenizers.Load(file, "t.json"), @case.GetProperty("name").GetString()!)
                .Diagnostic.Code.ShouldStartWith("DSB30");
        }
    }

    private static IEnumerable<(int, int)> Characters(string text, List<Token> tokens)
    {
        // Of the bytes of one character that several tokens share, each token covers the whole character.
        var utf8 = Encoding.UTF8.GetBytes(text);
        int CharactersBefore(int index) => utf8.AsSpan(0, index).ToArray().Count(b => (b & 0xC0) != 0x80);
        foreach (var token in tokens)
        {
            var start = token.Start;
            while ((utf8[start] & 0xC0) == 0x80)
            {
                start--;
            }

            yield return (CharactersBefore(start), CharactersBefore(token.End));
        }
    }

    private static IEnumerable<(int, int)> Trimmed(string text, List<(int Start, int End)> offsets)
    {
        var runes = text.EnumerateRunes().ToArray();
        foreach (var (start, end) in offsets)
        {
            var spaces = runes[start..end].TakeWhile(rune => rune.Value == ' ').Count();
            var leading = start == 0 && spaces == 1 ? 0 : spaces;
            var trailing = runes[start..end].Reverse().TakeWhile(rune => rune.Value == ' ').Count();
            var from = Math.Min(start + leading, end);
            var to = Math.Max(end - trailing, from);
            yield return (from, to);
        }
    }
}
