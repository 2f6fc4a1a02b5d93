using System.Text;
using System.Text.Json.Nodes;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Files that were made to do harm: each ends in an error with a code, or in a tokenizer that ends.</summary>
public sealed class HostileTokenizerTests
{
    public static TheoryData<string> Fixtures => TokenizerJsonTests.Fixtures;

    [Theory]
    [InlineData(100_000)]
    [InlineData(100)]
    public void Sequences_nested_without_end_are_refused(int depth)
    {
        var normalizer = string.Concat(Enumerable.Repeat("{\"type\":\"Sequence\",\"normalizers\":[", depth)) + string.Concat(Enumerable.Repeat("]}", depth));
        var file = $"{{\"normalizer\":{normalizer},\"model\":{{\"type\":\"WordLevel\",\"vocab\":{{\"a\":0}},\"unk_token\":\"a\"}}}}";
        Should.Throw<DatasetException>(() => Load(file)).Diagnostic.Code.ShouldBe("DSB3003");
    }

    [Fact]
    public void A_text_that_grows_without_bound_is_an_error()
    {
        var steps = new JsonArray([.. Enumerable.Range(0, 60).Select(_ => Replace("a", "aa"))]);
        var tokenizer = Load(WordLevel(json => json["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = steps }));
        Should.Throw<DatasetException>(() => tokenizer.Count("a"u8)).Diagnostic.Code.ShouldBe("DSB3015");
    }

    [Fact]
    public void A_decoded_text_that_grows_without_bound_is_an_error()
    {
        var steps = new JsonArray([.. Enumerable.Range(0, 60).Select(_ => Replace("?", "??"))]);
        var tokenizer = Load(WordLevel(json => json["decoder"] = new JsonObject { ["type"] = "Sequence", ["decoders"] = steps }));
        Should.Throw<DatasetException>(() => tokenizer.Decode([0])).Diagnostic.Code.ShouldBe("DSB3015");
    }

    [Fact]
    public void A_character_map_that_makes_megabytes_of_a_character_is_an_error()
    {
        // One unit leads from the root to 'a', whose leaf points at the replacement.
        var units = new uint[256 + 'a'];
        units[0] = 0;
        units['a'] = 'a' | (1 << 8) | (1 << 10);
        units['a' ^ 1] = 0x80000000;
        var map = Convert.ToBase64String([.. BitConverter.GetBytes(units.Length * 4), .. units.SelectMany(BitConverter.GetBytes), .. Enumerable.Repeat((byte)'b', 1 << 20)]);
        var tokenizer = Load(WordLevel(json => json["normalizer"] = new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = map }));
        tokenizer.EncodeText("x").Offsets.ShouldBe([(0, 1)]);
        Should.Throw<DatasetException>(() => tokenizer.Count(Encoding.UTF8.GetBytes(new string('a', 1000)))).Diagnostic.Code.ShouldBe("DSB3015");
    }

    [Theory]
    [InlineData("(?:(?:){100000}){100000}")]
    [InlineData("((?:a{0}){100000}){100000}a*")]
    public void Repetitions_of_nothing_cost_nothing(string pattern) =>
        Load(WordLevel(json => json["normalizer"] = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["content"] = "" }))
            .Count("aaa"u8).ShouldBeInRange(0, 1);

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|a)*b")]
    [InlineData("(.*)*x")]
    public void A_pattern_that_tries_everything_ends(string pattern)
    {
        var text = Encoding.UTF8.GetBytes(new string('a', 100_000) + "!");
        foreach (var change in (Action<JsonNode>[])
            [
                json => json["normalizer"] = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["content"] = "" },
                json => json["pre_tokenizer"] = new JsonObject
                {
                    ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false,
                },
            ])
        {
            Load(WordLevel(change)).Count(text).ShouldBe(1);
        }
    }

    [Theory]
    [InlineData("4294967295")]
    [InlineData("2147483648")]
    [InlineData("16777216")]
    [InlineData("1e9")]
    public void An_id_beyond_all_vocabularies_is_refused(string id) =>
        Should.Throw<DatasetException>(() => Load($"{{\"model\":{{\"type\":\"WordLevel\",\"vocab\":{{\"a\":{id}}},\"unk_token\":\"a\"}}}}")).Diagnostic.Code.ShouldBe("DSB3008");

    [Fact]
    public void A_character_map_with_places_outside_of_it_changes_nothing()
    {
        foreach (var unit in (uint[])[0xFFFFFFFF, 0x7FFFFFFF, 0xFFFFFF00, 0x00000700, 0x000007FF])
        {
            var units = Enumerable.Repeat(unit, 300).SelectMany(BitConverter.GetBytes);
            var map = Convert.ToBase64String([.. BitConverter.GetBytes(1200), .. units, .. "ab\0"u8]);
            var tokenizer = Load(WordLevel(json => json["normalizer"] = new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = map }));
            tokenizer.Count("aé👍 \u0301\u0000x"u8).ShouldBeInRange(0, 1);
        }

        foreach (var size in (int[])[0, 3, 1201, int.MaxValue, -1])
        {
            var map = Convert.ToBase64String([.. BitConverter.GetBytes(size), .. new byte[1200]]);
            Should.Throw<DatasetException>(() => Load(WordLevel(json => json["normalizer"] = new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = map })))
                .Diagnostic.Code.ShouldBe("DSB3008");
        }
    }

    [Fact]
    public void Merges_that_make_one_of_their_own_parts_end()
    {
        const string file = "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"\":0,\"a\":1,\"aa\":2},\"merges\":[[\"\",\"a\"],[\"a\",\"\"],[\"a\",\"a\"]],\"unk_token\":\"\",\"byte_fallback\":true}}";
        Load(file).Count("bababaab"u8).ShouldBeInRange(1, 8);
    }

    [Fact]
    public void A_megabyte_of_one_thing_is_tokenized_by_every_kind_of_model()
    {
        foreach (var fixture in (string[])["llama2", "unigram-t5", "unigram-byte-fallback", "bert-uncased", "gemma", "qwen2", "deepseek-style", "clip-end-of-word", "norm-nfd-stripaccents"])
        {
            var tokenizer = Tokenizers.Load(SharedData.Path("tokenizer-json", fixture, "tokenizer.json"), fixture);
            foreach (var unit in (string[])["a", " ", "0", "'s", "👍", "e\u0301"])
            {
                var text = Encoding.UTF8.GetBytes(new StringBuilder().Insert(0, unit, (1 << 18) / Encoding.UTF8.GetByteCount(unit)).ToString());
                tokenizer.Count(text).ShouldBeInRange(0, text.Length + 1, $"{fixture} of '{unit}'");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_damaged_file_never_fails_without_a_code(string fixture)
    {
        var file = File.ReadAllBytes(SharedData.Path("tokenizer-json", fixture, "tokenizer.json"));
        var random = new Random(fixture.Length * 31);
        for (var i = 0; i < 25; i++)
        {
            // Most of a file is its vocabulary; the other sections are what can go wrong in more ways.
            var damaged = file.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                damaged[random.Next(random.Next(2) == 0 ? Math.Min(damaged.Length, 3000) : damaged.Length)] = (byte)random.Next(0x20, 0x7F);
            }

            try
            {
                var tokenizer = Load(damaged);
                var encoded = tokenizer.EncodeText("Hello, wörld! 123 中文 <s>\n👍", "pair", addSpecialTokens: true);
                tokenizer.Decode([.. encoded.Ids]);
            }
            catch (DatasetException e)
            {
                e.Diagnostic.Code.ShouldStartWith("DSB30");
            }
        }
    }

    private static JsonObject Replace(string old, string content) =>
        new() { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = old }, ["content"] = content };

    private static string WordLevel(Action<JsonNode> change)
    {
        var json = new JsonObject
        {
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = new JsonObject { ["?"] = 0 }, ["unk_token"] = "?" },
        };
        change(json);
        return json.ToJsonString();
    }

    private static ITokenizer Load(string file) => Load(Encoding.UTF8.GetBytes(file));

    private static ITokenizer Load(byte[] file) => Tokenizers.Load(TemporaryFile.With(file), "tokenizer.json");
}
