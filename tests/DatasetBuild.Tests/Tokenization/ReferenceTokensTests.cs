using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Counts and ids that the reference implementations made.</summary>
public sealed class ReferenceTokensTests
{
    [Theory]
    [InlineData("gsm8k.jsonl.gz", "cl100k_base", "cl100k_base.tiktoken")]
    [InlineData("gsm8k.jsonl.gz", "o200k_base", "o200k_base.tiktoken")]
    [InlineData("gsm8k.jsonl.gz", "gpt2", "r50k_base.tiktoken")]
    [InlineData("t0.jsonl.gz", "cl100k_base", "cl100k_base.tiktoken")]
    [InlineData("t0.jsonl.gz", "o200k_base", "o200k_base.tiktoken")]
    [InlineData("t0.jsonl.gz", "gpt2", "r50k_base.tiktoken")]
    [InlineData("multilingual.jsonl.gz", "cl100k_base", "cl100k_base.tiktoken")]
    [InlineData("multilingual.jsonl.gz", "o200k_base", "o200k_base.tiktoken")]
    [InlineData("multilingual.jsonl.gz", "gpt2", "r50k_base.tiktoken")]
    public void Every_line_has_as_many_tokens_as_in_the_reference(string lines, string vocabulary, string file)
    {
        var tokenizer = LoadedTokenizers.Get(file);
        var compared = 0;
        foreach (var line in SharedData.Lines(SharedData.Path("tokens", lines)).Where(line => line.Length > 0))
        {
            using var json = JsonDocument.Parse(line);
            var texts = json.RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!);
            var counts = json.RootElement.GetProperty(vocabulary).EnumerateArray().Select(count => count.GetInt32());
            foreach (var (text, expected) in texts.Zip(counts))
            {
                var utf8 = Encoding.UTF8.GetBytes(text);
                tokenizer.Count(utf8).ShouldBe(expected, text);
                tokenizer.Ids(utf8).Length.ShouldBe(expected, text);
                compared++;
            }
        }

        compared.ShouldBeGreaterThan(1000);
    }

    [Theory]
    [InlineData("cl100k_base", "cl100k_base.tiktoken")]
    [InlineData("o200k_base", "o200k_base.tiktoken")]
    [InlineData("gpt2", "r50k_base.tiktoken")]
    [InlineData("hf_cl100k_tokenizer.json", "hf_cl100k_tokenizer.json")]
    [InlineData("hf_gpt2_tokenizer.json", "hf_gpt2_tokenizer.json")]
    public void Hard_texts_have_the_ids_of_the_reference(string vocabulary, string file)
    {
        var tokenizer = LoadedTokenizers.Get(file);
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokens", "hard-ids.json")));
        foreach (var @case in json.RootElement.GetProperty(vocabulary).EnumerateArray())
        {
            var utf8 = Encoding.UTF8.GetBytes(@case.GetProperty("text").GetString()!);
            var expected = @case.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            tokenizer.Ids(utf8).ShouldBe(expected, @case.GetProperty("text").GetString());
            tokenizer.Count(utf8).ShouldBe(expected.Length);
        }
    }

    /// <summary>The same vocabulary with its pattern in a spelling that no scanner is written for, so that every step is the general one.</summary>
    [Theory]
    [InlineData("hf_cl100k_tokenizer.json", "cl100k_base")]
    [InlineData("hf_gpt2_tokenizer.json", "gpt2")]
    public void The_general_way_gives_the_same_tokens(string file, string vocabulary)
    {
        var json = JsonNode.Parse(File.ReadAllBytes(SharedData.Path("tokenizers", file)))!;
        var pattern = vocabulary == "gpt2" ? "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+" : (string)json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"]!;
        json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = $"(?:{pattern})" }, ["behavior"] = "Isolated", ["invert"] = false },
                new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false }),
        };
        var tokenizer = Tokenizers.Load(TemporaryFile.With(json.ToJsonString()), file);
        foreach (var line in SharedData.Lines(SharedData.Path("tokens", "multilingual.jsonl.gz")).Where(line => line.Length > 0).Take(800))
        {
            using var texts = JsonDocument.Parse(line);
            foreach (var (text, count) in texts.RootElement.GetProperty("texts").EnumerateArray().Zip(texts.RootElement.GetProperty(vocabulary).EnumerateArray()))
            {
                tokenizer.Count(Encoding.UTF8.GetBytes(text.GetString()!)).ShouldBe(count.GetInt32(), text.GetString());
            }
        }

        using var hard = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokens", "hard-ids.json")));
        foreach (var @case in hard.RootElement.GetProperty(file).EnumerateArray())
        {
            tokenizer.Ids(Encoding.UTF8.GetBytes(@case.GetProperty("text").GetString()!))
                .ShouldBe(@case.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), @case.GetProperty("text").GetString());
        }
    }
}
