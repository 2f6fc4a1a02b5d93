using System.Text;
using System.Text.Json.Nodes;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Words that are counted and encoded one by one, and remembered, against the tokens of the whole text.</summary>
public sealed class WordByWordTests
{
    /// <summary>What could make a word depend on its neighbours: spaces of all kinds, marks, signs of several characters, what normalizers turn into spaces.</summary>
    private static readonly string[] Parts =
    [
        " ", " ", " ", " ", "  ", "   ", "\n", " \n", "\t", "\u00A0", "\u3000", "\u2581", " \u2581", "\u2581 ", "\u0120", "a", "the", "of", "word", "Word", "unbelievably", "antidisestablishmentarianism",
        "don't", "x.", ",", ".", "!", "''", "``", "é", "e\u0301", "\u0301", " \u0301", "\u00B4", "\uFE70", "\uFDFA", "\u0D4E", "\u0600", "привет", "Московской", "世界", "日本語", "한국어", "ｶﾞ", "ﬁ", "…", "1", "123", "👍🏽", "\u200D",
        "<s>", "</s>", "<unk>", "<mask>", "[MASK]", "\0", "\u0085", "\u200B",
    ];

    public static TheoryData<string> Fixtures => TokenizerJsonTests.Fixtures;

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_count_is_the_number_of_tokens_however_words_stand_together(string fixture)
    {
        var tokenizer = Tokenizers.Load(SharedData.Path("tokenizer-json", fixture, "tokenizer.json"), fixture);
        tokenizer.CountMuch();
        var random = new Random(fixture.Length);
        for (var i = 0; i < 150; i++)
        {
            Compare(tokenizer, RandomText(random), TokenizerJsonTests.TrimsPlaces(fixture));
        }
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    public void A_count_of_sentencepiece_is_the_number_of_tokens(int type, bool removesSpaces)
    {
        var pieces = Pieces();
        var tokenizer = SentencePieceTests.Load(
            [.. SentencePieceTests.Model(type, [.. pieces]), .. removesSpaces ? [] : SentencePieceTests.Message(3, SentencePieceTests.Number(4, 0))]);
        var random = new Random(type);
        for (var i = 0; i < 600; i++)
        {
            Compare(tokenizer, RandomText(random));
        }
    }

    /// <summary>Scores of which many sums are equal, or differ by what single precision loses in a text of some thousand pieces.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_rounding_decides_a_unigram_the_whole_text_is_taken(bool byteFallback)
    {
        string[] letters = ["a", "b", "c"];
        string[] spellings = [.. letters, .. letters.SelectMany(left => letters.Select(right => left + right)), "abc", "cab", "aaa", "\u2581a", "\u2581ab", "\u2581\u2581"];
        string[] parts = [.. letters, .. letters, " ", " ", "\u4E16", "\u754C", "\n"];
        var (random, byRounding) = (new Random(1), 0);
        for (var i = 0; i < 150; i++)
        {
            var step = (float[])[0, 0.1f, 1e-4f, 1e-6f];
            var pieces = new List<(string, float, int)> { ("<unk>", 0, 2), ("\u2581", -2.1f, 1), ("\u4E16a", -1.1f, 1) };
            pieces.AddRange(spellings.Skip(random.Next(2)).Where(_ => random.Next(5) > 0).Select(text => (text, (-1.1f * text.Length) + (random.Next(-2, 3) * step[random.Next(step.Length)]), 1)));
            pieces.AddRange(Enumerable.Range(0, byteFallback ? 256 : 0).Select(b => ($"<0x{b:X2}>", 0f, 6)));
            var tokenizer = SentencePieceTests.Load([.. SentencePieceTests.Model(1, [.. pieces]), .. byteFallback ? SentencePieceTests.Message(2, SentencePieceTests.Number(35, 1)) : []]);
            for (var length = 10; length < 8000; length *= 6)
            {
                var text = string.Concat(Enumerable.Range(0, length).Select(_ => parts[random.Next(parts.Length)]));
                Compare(tokenizer, text);
                byRounding += tokenizer.Ids(Encoding.UTF8.GetBytes(text)).Length != text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Sum(word => tokenizer.Count(Encoding.UTF8.GetBytes(word))) ? 1 : 0;
            }
        }

        byRounding.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void Bytes_behind_a_normalization_form_are_those_of_the_general_way()
    {
        var path = SharedData.Path("tokenizer-json", "qwen2", "tokenizer.json");
        var file = JsonNode.Parse(File.ReadAllText(path))!;
        file["normalizer"]!["type"]!.GetValue<string>().ShouldBe("NFC");

        // A token of normalized text, which no text here has, is beyond what is done to bytes alone.
        file["added_tokens"]!.AsArray().Add(new JsonObject
        {
            ["id"] = 9999, ["content"] = "(no text has this)", ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = true, ["special"] = false,
        });
        var (quick, general) = (Tokenizers.Load(path, "qwen2"), Tokenizers.Load(TemporaryFile.With(file.ToJsonString()), "general"));
        var random = new Random(5);
        for (var i = 0; i < 1500; i++)
        {
            var text = RandomText(random);
            var (expected, actual) = (general.EncodeText(text), quick.EncodeText(text));
            actual.Ids.ShouldBe(expected.Ids, text);
            actual.Offsets.ShouldBe(expected.Offsets, text);
            quick.Count(Encoding.UTF8.GetBytes(text)).ShouldBe(expected.Ids.Count, text);
            quick.Decode([.. actual.Ids]).ShouldBe(general.Decode([.. expected.Ids]), text);
        }
    }

    [Fact]
    public void Merges_word_by_word_are_merges_of_the_whole()
    {
        var text = Pieces().Where(piece => piece.Kind == 1).Select(piece => piece.Text).ToList();
        var vocabulary = new Vocabulary([.. text.Prepend("<unk>").Select((token, id) => (token, id))]);
        var random = new Random(3);
        for (var i = 0; i < 400; i++)
        {
            var merges = new MergeTable(16);
            foreach (var (rank, merged) in text.Where(token => token.EnumerateRunes().Count() > 1).OrderBy(_ => random.Next()).Index())
            {
                var at = random.Next(1, merged.Length);
                if (vocabulary.Find(merged[..at]) is >= 0 and var left && vocabulary.Find(merged[at..]) is >= 0 and var right)
                {
                    merges.Add(left, right, rank, vocabulary.Find(merged));
                }
            }

            var options = new BpeOptions("<unk>", "", "", FuseUnknown: i % 2 == 0, ByteFallback: i % 3 == 0, IgnoreMerges: false);
            var (whole, cut) = (new BpeModel(vocabulary, merges, options), new BpeModel(vocabulary, merges, options).CutBeforeMarks());
            var piece = Encoding.UTF8.GetBytes(RandomText(random).Replace(' ', '\u2581') + "a");
            var (expected, actual) = (new List<PieceToken>(), new List<PieceToken>());
            whole.Encode(piece, expected);
            cut.Encode(piece, actual);
            actual.ShouldBe(expected);
            cut.Count(piece).ShouldBe(expected.Count);
        }
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void What_a_normal_form_is_seen_to_leave_as_it_is_stays_as_it_is(bool compatible, bool compose)
    {
        var normalizer = new DecomposingNormalizer(compatible, compose);
        var random = new Random(1);
        var stable = 0;
        for (var first = 0x80; first < 0x30000; first += 16)
        {
            var characters = Enumerable.Range(first, 16).Where(Rune.IsValid).Select(char.ConvertFromUtf32).ToList();
            foreach (var text in (string[])[.. characters, string.Concat(characters), string.Concat(characters.OrderBy(_ => random.Next()))])
            {
                var utf8 = Encoding.UTF8.GetBytes(text);
                if (normalizer.Keeps(utf8))
                {
                    // What stands at the end has to be normalized, so all is.
                    byte[] longer = [.. utf8, .. ".\u0344"u8];
                    normalizer.Normalize(AlignedText.Of(longer, new TextRange(0, longer.Length))).Bytes.StartsWith(utf8).ShouldBeTrue(text);
                    stable++;
                }
            }
        }

        stable.ShouldBeGreaterThan(50_000);
    }

    private static void Compare(ITokenizer tokenizer, string text, bool trims = false)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        try
        {
            var whole = tokenizer.EncodeText(text);
            for (var time = 1; time <= 2; time++)
            {
                tokenizer.Count(utf8).ShouldBe(whole.Ids.Count, text);
                tokenizer.ShouldEncodeAs(utf8, whole, text, trims);
            }
        }
        catch (DatasetException e)
        {
            e.Diagnostic.Code.ShouldBe("DSB3016", text);
        }
    }

    private static List<(string Text, float Score, int Kind)> Pieces()
    {
        var pieces = new List<(string, float, int)> { ("<unk>", 0, 2), ("<s>", 0, 3), ("[MASK]", 0, 4) };
        string[] texts =
        [
            "\u2581", "\u2581\u2581", "a", "t", "h", "e", "o", "f", "w", "r", "d", ".", "th", "the", "\u2581the", "of", "\u2581of", "wo", "wor", "word", "\u2581word", "rd", "\u2581a", "п", "р", "и", "пр", "при",
            "\u2581при", "世", "世界", "\u2581\u2581a", "x", ",", "1",
        ];
        pieces.AddRange(texts.Select((text, place) => (text, -1 - (place % 7) - (place / 100f), 1)));
        return pieces;
    }

    private static string RandomText(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => Parts[random.Next(Parts.Length)]));
}
