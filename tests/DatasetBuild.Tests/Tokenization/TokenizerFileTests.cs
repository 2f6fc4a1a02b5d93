using System.Text.Json.Nodes;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Damaged and unusual tokenizer files: each ends in a located error with a code, never in a tokenizer that counts otherwise.</summary>
public sealed class TokenizerFileTests
{
    private static readonly string AllBytes =
        string.Concat(Enumerable.Range(0, 256).Select(b => $"{Convert.ToBase64String([(byte)b])} {b}\n"));

    [Fact]
    public void A_file_that_cannot_be_read_is_named_as_the_user_wrote_it()
    {
        var error = Error(Path.Combine(Path.GetTempPath(), "no", "such", "file"), "models/x.json");
        error.ShouldBe(new Diagnostic(Severity.Error, "DSB3001", "The tokenizer file cannot be read: it does not exist. Check its path and its permissions.", "models/x.json"));
        Error(Path.GetTempPath(), "models").Code.ShouldBe("DSB3001");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("#version: 0.2\nĠ t\n")]
    [InlineData("[1]")]
    [InlineData("{\"model_max_length\":512,\"tokenizer_class\":\"GPT2Tokenizer\"}")]
    [InlineData("{\"version\":1,\"model\":2,\"hello\":3}")]
    [InlineData("\u001f\u008b")]
    public void Content_of_another_kind_is_not_recognised(string content) => Error(TemporaryFile.With(content)).Code.ShouldBe("DSB3002");

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "This is a Git LFS pointer, not the data. Fetch the data with `git lfs pull`.")]
    [InlineData("\u001f\u008b\u0008", "This is packed with gzip. Unpack it.")]
    [InlineData("\u00ff\u00fe{\0}\0", "This is text in UTF-16. Save it as UTF-8.")]
    [InlineData("PK\u0003\u0004", "This is a zip archive. Unpack it.")]
    [InlineData("{\"text\":\"a\"}\n\n {\"text\":\"b\"", "These are JSON Lines, ")]
    [InlineData("PAR1", "This is a Parquet file. A tokenizer.json, ")]
    [InlineData("\n<!DOCTYPE HTML><html>", "This is a web page. ")]
    public void What_a_file_is_instead_is_told(string content, string message)
    {
        var error = Error(TemporaryFile.With(System.Text.Encoding.Latin1.GetBytes(content)));
        error.Code.ShouldBe("DSB3002");
        error.Message.ShouldStartWith(message);
    }

    [Theory]
    [InlineData("QQ== 65\nQg=", "DSB3004", 2, 1)]
    [InlineData("QQ== 65\nQg== \n", "DSB3004", 2, 1)]
    [InlineData("QQ== 65\nQg== x\n", "DSB3004", 2, 6)]
    [InlineData("QQ== 65\nQg== -1\n", "DSB3004", 2, 6)]
    [InlineData("QQ== 65\nQ*== 66\n", "DSB3004", 2, 1)]
    [InlineData("QQ== 65\nQg== 65\n", "DSB3005", 2, 1)]
    [InlineData("QQ== 65\nQQ== 66\n", "DSB3005", 2, 1)]
    public void A_damaged_rank_line_is_located(string content, string code, int line, int column)
    {
        var error = Error(TemporaryFile.With(content));
        (error.Code, error.Line, error.Column).ShouldBe((code, line, column));
    }

    [Fact]
    public void Ranks_of_unknown_origin_need_a_pattern_in_their_name()
    {
        var unknown = Error(TemporaryFile.With(AllBytes), "ranks.txt");
        unknown.Code.ShouldBe("DSB3007");
        unknown.Message.ShouldContain("256");
        Error(TemporaryFile.With(AllBytes), "gpt2-or-o200k.tiktoken").Code.ShouldBe("DSB3007");
        Tokenizers.Load(TemporaryFile.With(AllBytes), "my.o200k.tiktoken").Identity.ShouldContain("pattern=o200k");
        Tokenizers.Load(TemporaryFile.With(AllBytes.Replace("\n", "\r\n")), "GPT2.txt").Ids("héllo"u8).ShouldBe([104, 0xC3, 0xA9, 108, 108, 111]);
    }

    [Fact]
    public void A_published_name_with_other_content_is_refused() =>
        Error(TemporaryFile.With(AllBytes), "models/cl100k_base.tiktoken").Code.ShouldBe("DSB3013");

    [Fact]
    public void Published_vocabularies_are_known_by_content_whatever_their_name()
    {
        var path = SharedData.Path("tokenizers", "o200k_base.tiktoken");
        Tokenizers.Load(path, "cl100k.json").Identity.ShouldContain("pattern=o200k");
    }

    [Fact]
    public void A_rank_file_without_all_bytes_is_refused()
    {
        var error = Error(TemporaryFile.With(AllBytes.Replace("QQ== 65\n", "")), "my.gpt2.tiktoken");
        error.Code.ShouldBe("DSB3006");
        error.Message.ShouldContain("0x41");
    }

    [Theory]
    [InlineData("{\n  \"model\": {\n", "DSB3003", 3, 1)]
    [InlineData("{\n \"é\": 1,, }", "DSB3003", 2, 9)]
    [InlineData("{\"version\": \"1.0\", \"model\": null}", "DSB3008", 0, 0)]
    [InlineData("{\"version\": \"2.0\"}", "DSB3008", 1, 13)]
    [InlineData("{\"extra\": 1, \"model\": {}}", "DSB3008", 1, 11)]
    [InlineData("{\"model\": 1, \"model\": 2}", "DSB3005", 1, 14)]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"vocab\": {\"\\ud800\": 0}, \"merges\": []}}", "DSB3003", 1, 37)]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 0}, \"merges\": []}}", "DSB3005", 1, 50)]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 1.5}, \"merges\": []}}", "DSB3008", 1, 42)]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}}", "DSB3008", 1, 42)]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 1}}}", "DSB3008", 1, 11)]
    [InlineData("{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\", \"b\"]]}}", "DSB3008", 1, 47)]
    [InlineData("{\"model\": {\"type\": \"Unigram\", \"vocab\": [[\"a\"]]}}", "DSB3008", 1, 41)]
    [InlineData("{\"added_tokens\": [{\"content\": \"a\"}], \"model\": {}}", "DSB3008", 1, 19)]
    public void A_damaged_tokenizer_json_is_located(string content, string code, int line, int column)
    {
        var error = Error(TemporaryFile.With(content));
        (error.Code, error.Line, error.Column).ShouldBe((code, line, column), error.Message);
    }

    [Theory]
    [InlineData("a c", "DSB3009", "'ac'")]
    [InlineData("a missing", "DSB3009", "'missing'")]
    [InlineData("a b c", "DSB3009", "3")]
    [InlineData("ab", "DSB3009", "1")]
    public void A_merge_that_cannot_be_made_is_refused(string merge, string code, string named)
    {
        var error = Error(TemporaryFile.With(ByteLevel(json => json["model"]!["merges"] = new JsonArray("a b", merge))));
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(named);
        error.Line.ShouldBe(1);
    }

    [Fact]
    public void Of_a_merge_given_twice_the_last_rank_counts_and_a_version_line_is_skipped()
    {
        var file = TemporaryFile.With(ByteLevel(json => json["model"]!["merges"] = new JsonArray("#version: 0.2", "a b", "b c", "a b")));
        Tokenizers.Load(file, "t").Ids("abc"u8).ShouldBe([97, 257]);
    }

    [Fact]
    public void Merges_are_written_as_strings_or_as_pairs_but_not_both()
    {
        var strings = Tokenizers.Load(TemporaryFile.With(ByteLevel(json => json["model"]!["merges"] = new JsonArray("a b"))), "t");
        var pairs = Tokenizers.Load(TemporaryFile.With(ByteLevel(json => json["model"]!["merges"] = new JsonArray(new JsonArray("a", "b")))), "t");
        strings.Ids("abab"u8).ShouldBe([256, 256]);
        pairs.Ids("abab"u8).ShouldBe([256, 256]);
        Error(TemporaryFile.With(ByteLevel(json => json["model"]!["merges"] = new JsonArray("a b", new JsonArray("b", "c"))))).Code.ShouldBe("DSB3009");
    }

    [Fact]
    public void What_is_not_supported_is_named()
    {
        void Refused(string code, string named, Action<JsonNode> change)
        {
            var error = Error(TemporaryFile.With(ByteLevel(change)));
            error.Code.ShouldBe(code, error.Message);
            error.Message.ShouldContain(named);
            error.Line.ShouldBe(1);
        }

        Refused("DSB3010", "dropout", json => json["model"]!["dropout"] = 0.1);
        Refused("DSB3010", "Whole", json => json["model"]!["type"] = "Whole");
        Refused("DSB3011", "Delimiter", json => json["pre_tokenizer"] = new JsonObject { ["type"] = "Delimiter" });
        Refused("DSB3011", "isolated", json => json["pre_tokenizer"] = Split("a", "isolated"));
        Refused("DSB3012", "Foo", json => json["normalizer"] = new JsonObject { ["type"] = "Foo" });
        Refused("DSB3017", "Foo", json => json["decoder"] = new JsonObject { ["type"] = "Foo" });
        Refused("DSB3017", "Foo", json => json["post_processor"] = new JsonObject { ["type"] = "Foo" });
        Refused("DSB3014", @"\1", json => json["pre_tokenizer"] = Split(@"(a)\1"));
        Refused("DSB3008", "[X]", json => json["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray(new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "[X]", ["type_id"] = 0 } }),
            ["pair"] = new JsonArray(),
            ["special_tokens"] = new JsonObject(),
        });
    }

    [Fact]
    public void Options_without_effect_on_tokens_are_accepted() =>
        Tokenizers.Load(TemporaryFile.With(ByteLevel(json =>
        {
            json["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray() };
            json["truncation"] = new JsonObject { ["max_length"] = 1 };
            json["padding"] = new JsonObject { ["strategy"] = "BatchLongest" };
            json["model"]!["dropout"] = 0.0;
            json["model"]!["unk_token"] = "a";
            json["model"]!["end_of_word_suffix"] = "";
            ((JsonObject)json["model"]!).Remove("type");
        })), "t").Ids("abab"u8).ShouldBe([256, 256]);

    [Fact]
    public void Added_tokens_are_found_in_a_text_and_numbered_after_the_vocabulary()
    {
        var tokenizer = Tokenizers.Load(TemporaryFile.With(ByteLevel(json => json["added_tokens"] = new JsonArray(new JsonObject
        {
            ["id"] = 7, ["content"] = "<x>", ["single_word"] = false, ["lstrip"] = true, ["rstrip"] = false, ["normalized"] = true, ["special"] = true,
        }))), "t");
        tokenizer.Ids("ab <x>c"u8).ShouldBe([256, 258, 99]);
        tokenizer.Count("ab <x>c"u8).ShouldBe(3);
        tokenizer.VocabularySize.ShouldBe(259);
        tokenizer.EncodeText("ab <x>c").Tokens.ShouldBe(["ab", " <x>", "c"]);
        tokenizer.Decode([256, 258, 99]).ShouldBe("ab <x> c");
        tokenizer.Decode([256, 258, 99], skipSpecialTokens: true).ShouldBe("ab c");
    }

    private static JsonObject Split(string regex, string behavior = "Isolated") => new()
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = regex },
        ["behavior"] = behavior,
        ["invert"] = false,
    };

    // All bytes with their own values as ids, then ab = 256 and bc = 257.
    private static string ByteLevel(Action<JsonNode> change)
    {
        var vocabulary = new JsonObject();
        var shifted = 256;
        for (var b = 0; b < 256; b++)
        {
            var visible = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            vocabulary.Add(((char)(visible ? b : shifted++)).ToString(), b);
        }

        vocabulary.Add("ab", 256);
        vocabulary.Add("bc", 257);
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray("a b") },
        };
        change(json);
        return json.ToJsonString();
    }

    private static Diagnostic Error(string path, string displayPath = "tokenizer.json") =>
        Should.Throw<DatasetException>(() => Tokenizers.Load(path, displayPath)).Diagnostic;
}
