using System.Text;
using System.Text.Json.Nodes;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Tokenizers put together at random, of parts that look over the ends of words and of lines: what is counted or encoded word by word is what is encoded as a whole.</summary>
public sealed class ComposedWordsTests
{
    private const string Mark = "\u2581";

    private static readonly string[] Texts =
    [
        " ", " ", " ", " ", " ", "  ", "\n", "\n", "\n\n", "\n\n\n", "\t", "\r\n", Mark, "a", "b", "t", "the", "word", "of", "x", "d", "ed", ".", ",", "``", "é", "e\u0301", "\u0301", "ﬁ", "世", "界", "ж", "7", "<mask>", "THE", "\u3000",
    ];

    private static readonly string[] Pieces =
    [
        "<unk>", Mark, "\u0120", " ", "\n", "a", "b", "t", "h", "e", "w", "o", "r", "d", "f", "x", ".", ",", "`", "\"", "é", "c", "z", "q", "fi", "f", "i", "世", "界", "ж", "7", "th", "he", "the", "or", "wo", "wor", "ord", "word", "ed", "rd",
        Mark + "t", Mark + "th", Mark + "the", Mark + "w", Mark + "wo", Mark + "word", Mark + "a", "世界", "d.", "e" + Mark, "ab", "ba",
    ];

    private static readonly string[] Keys = ["\n", "a\n", "\nt", " t", Mark + "t", "d.", "x ", "e\u0301", "\u0301", "ﬁ", "界", "th", "\u3000", " "];

    private static readonly string[] Values = [" ", "", "z", "é", "fi", Mark, "\n"];

    [Theory]
    [InlineData("BPE")]
    [InlineData("Unigram")]
    [InlineData("WordPiece")]
    [InlineData("WordLevel")]
    public void Words_one_by_one_have_the_tokens_of_the_whole_whatever_the_parts_are(string model)
    {
        var random = new Random(model.Length);
        var loaded = 0;
        for (var i = 0; i < 600; i++)
        {
            var file = new JsonObject
            {
                ["normalizer"] = Sequence("normalizers", Some(random, 4, Normalizer)), ["pre_tokenizer"] = Sequence("pretokenizers", Some(random, 3, PreTokenizer)), ["model"] = Model(model, random),
                ["added_tokens"] = new JsonArray([.. Some(random, 2, AddedToken)]),
            }.ToJsonString();
            var (tokenizer, whole) = (Tokenizers.Load(TemporaryFile.With(file), "tokenizer.json"), Tokenizers.Load(TemporaryFile.With(file), "tokenizer.json"));
            CountMuch(tokenizer, i);
            for (var text = 0; text < 20; text++)
            {
                loaded += Compare(tokenizer, whole, string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => Pick(random, Texts))), file) ? 1 : 0;
            }
        }

        loaded.ShouldBeGreaterThan(6000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Words_one_by_one_have_the_tokens_of_the_whole_whatever_a_model_of_sentencepiece_says(int type)
    {
        var random = new Random(type);
        for (var i = 0; i < 600; i++)
        {
            var bytes = Bytes(random).ToList();
            var (others, oddKinds) = (random.Next(3), random.Next(3) == 0 ? 5 : 0);
            (string, float, int)[] pieces =
            [
                .. Pieces.Distinct().Where((_, place) => place < 2 || random.Next(8) > 0).Select((piece, place) =>
                    (piece, random.Next(3) == 0 ? -1 - random.Next(9) : -place / 3f, place == 0 ? 2 : random.Next(40) < oddKinds ? 4 + random.Next(2) : 1)),
                .. bytes.Select(piece => (piece, 0f, 6)), .. Some(random, others, _ => (Pick(random, "<mask>", "x\n", "``", ". "), 0f, 4)).Distinct(),
            ];
            byte[] model =
            [
                .. SentencePieceTests.Model(type, pieces),
                .. SentencePieceTests.Message(2, SentencePieceTests.Number(24, random.Next(5) == 0 ? 1 : 0), SentencePieceTests.Number(35, bytes.Count > 0 ? 1 : 0)),
                .. SentencePieceTests.Message(
                    3,
                    random.Next(2) == 0 ? [] : SentencePieceTests.Field(2, CharacterMapFile.Of([.. Some(random, 5, _ => (Pick(random, Keys), Pick(random, Values)))])),
                    SentencePieceTests.Number(3, random.Next(4) == 0 ? 0 : 1),
                    SentencePieceTests.Number(4, random.Next(2)),
                    SentencePieceTests.Number(5, random.Next(6) == 0 ? 0 : 1)),
            ];
            var (tokenizer, whole) = (SentencePieceTests.Load(model), SentencePieceTests.Load(model));
            CountMuch(tokenizer, i);
            for (var text = 0; text < 20; text++)
            {
                Compare(tokenizer, whole, string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => Pick(random, Texts))), $"model {i}").ShouldBeTrue();
            }
        }
    }

    // Half of them, so that both ways are seen.
    private static void CountMuch(ITokenizer tokenizer, int place)
    {
        if (place % 2 == 0)
        {
            tokenizer.CountMuch();
        }
    }

    // The other one has met nothing yet: it encodes texts as a whole, and merges pairs one by one.
    private static bool Compare(ITokenizer tokenizer, ITokenizer other, string text, string file)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        EncodedText whole;
        try
        {
            whole = other.EncodeText(text);
        }
        catch (DatasetException)
        {
            Should.Throw<DatasetException>(() => tokenizer.Count(utf8), file);
            Should.Throw<DatasetException>(() => tokenizer.Encode(utf8, []), file);
            return false;
        }

        for (var time = 1; time <= 2; time++)
        {
            tokenizer.Count(utf8).ShouldBe(whole.Ids.Count, $"'{text}' for the {time}. time by {file}");
            tokenizer.ShouldEncodeAs(utf8, whole, $"'{text}' for the {time}. time by {file}");
        }

        return true;
    }

    private static JsonNode Normalizer(Random random) => random.Next(12) switch
    {
        0 => new JsonObject { ["type"] = "Prepend", ["prepend"] = Pick(random, Mark, Mark, " ", "x") },
        1 or 2 => Replace(random),
        3 => new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = Mark },
        4 => new JsonObject { ["type"] = "Strip", ["strip_left"] = random.Next(2) == 0, ["strip_right"] = random.Next(2) == 0 },
        5 => new JsonObject { ["type"] = "Lowercase" },
        6 => new JsonObject { ["type"] = Pick(random, "NFC", "NFD", "NFKC", "NFKD") },
        7 => new JsonObject { ["type"] = "Nmt" },
        8 => new JsonObject { ["type"] = "BertNormalizer", ["clean_text"] = random.Next(2) == 0, ["handle_chinese_chars"] = random.Next(2) == 0, ["strip_accents"] = random.Next(2) == 0, ["lowercase"] = random.Next(2) == 0 },
        9 => new JsonObject { ["type"] = "StripAccents" },
        _ => new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(CharacterMapFile.Of([.. Some(random, 5, _ => (Pick(random, Keys), Pick(random, Values)))])) },
    };

    private static JsonObject Replace(Random random) => new()
    {
        ["type"] = "Replace", ["content"] = Pick(random, "\"", " ", Mark, "b", ""),
        ["pattern"] = random.Next(4) == 0 ? new JsonObject { ["Regex"] = " {2,}" } : new JsonObject { ["String"] = Pick(random, " ", Mark, "``", "a", "\n", "a\n", "\n\n", Mark + "a", "t.", "\nt") },
    };

    private static JsonNode PreTokenizer(Random random) => random.Next(9) switch
    {
        0 or 1 or 2 => new JsonObject { ["type"] = "Metaspace", ["replacement"] = Mark, ["prepend_scheme"] = Pick(random, "always", "first", "never"), ["split"] = random.Next(3) > 0 },
        3 or 4 => new JsonObject { ["type"] = "WhitespaceSplit" },
        5 => new JsonObject { ["type"] = "Whitespace" },
        6 => new JsonObject { ["type"] = "Punctuation", ["behavior"] = Behavior(random) },
        7 => new JsonObject { ["type"] = "Digits", ["individual_digits"] = random.Next(2) == 0 },
        _ => new JsonObject
        {
            ["type"] = "Split", ["behavior"] = Behavior(random), ["invert"] = random.Next(6) == 0,
            ["pattern"] = new JsonObject { [random.Next(4) == 0 ? "Regex" : "String"] = Pick(random, " ", Mark, "\n", "a", "the", "\n\n") },
        },
    };

    private static string Behavior(Random random) => Pick(random, "Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");

    private static JsonNode AddedToken(Random random) => new JsonObject
    {
        ["id"] = 1000, ["content"] = Pick(random, "<mask>", "<mask>", "the", Mark + "of", "x", "\n", "word"), ["single_word"] = random.Next(4) == 0, ["lstrip"] = random.Next(4) == 0,
        ["rstrip"] = random.Next(4) == 0, ["normalized"] = random.Next(3) > 0, ["special"] = random.Next(2) == 0,
    };

    private static JsonObject Model(string type, Random random)
    {
        var pieces = Pieces.Distinct().Where((_, place) => place < 2 || random.Next(8) > 0).ToList();
        var unknown = random.Next(4) > 0;
        if (type == "Unigram")
        {
            return new JsonObject
            {
                ["type"] = type, ["unk_id"] = unknown ? 0 : null, ["byte_fallback"] = random.Next(2) == 0,
                ["vocab"] = new JsonArray([.. pieces.Concat(Bytes(random)).Select(piece => new JsonArray(piece, -1.0 - random.Next(9)))]),
            };
        }

        var vocabulary = new JsonObject();
        foreach (var piece in pieces.Concat(Bytes(random)))
        {
            vocabulary[piece] = vocabulary.Count;
        }

        var file = new JsonObject { ["type"] = type, ["vocab"] = vocabulary, ["unk_token"] = unknown || type != "BPE" ? "<unk>" : null };
        if (type == "WordPiece")
        {
            file["continuing_subword_prefix"] = Pick(random, "", "##");
            file["max_input_chars_per_word"] = 100;
        }
        else if (type == "BPE")
        {
            var merges = new List<JsonNode>();
            foreach (var piece in pieces.OrderBy(_ => random.Next()).OrderBy(piece => random.Next(5) == 0 ? 0 : piece.Length))
            {
                foreach (var at in Enumerable.Range(1, piece.Length - 1).Where(at => vocabulary.ContainsKey(piece[..at]) && vocabulary.ContainsKey(piece[at..])).OrderBy(_ => random.Next()).Take(random.Next(1, 3)))
                {
                    merges.Add(new JsonArray(piece[..at], piece[at..]));
                }
            }

            (file["merges"], file["byte_fallback"], file["fuse_unk"], file["ignore_merges"]) = (new JsonArray([.. merges]), random.Next(2) == 0, random.Next(2) == 0, random.Next(4) == 0);
        }

        return file;
    }

    private static IEnumerable<string> Bytes(Random random) => random.Next(2) == 0 ? [] : Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>");

    private static JsonNode? Sequence(string name, List<JsonNode> parts) => parts.Count switch
    {
        0 => null,
        1 => parts[0],
        _ => new JsonObject { ["type"] = "Sequence", [name] = new JsonArray([.. parts]) },
    };

    private static List<T> Some<T>(Random random, int most, Func<Random, T> make) => [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => make(random))];

    private static T Pick<T>(Random random, params T[] items) => items[random.Next(items.Length)];
}
