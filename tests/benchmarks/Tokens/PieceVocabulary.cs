using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Benchmarks;

/// <summary>
/// A vocabulary in SentencePiece's manner, words with their space as a visible mark, trained on the texts that are measured since none is published with a
/// licence to keep it here: as BPE in the form of Llama 2, as Unigram in that of XLM-R, and both as models of SentencePiece itself.
/// </summary>
internal sealed class PieceVocabulary
{
    public const double UnknownScore = -30;

    private const int Size = 32000;
    private const long TrainingBytes = 20_000_000;
    private const string Mark = "\u2581";

    public PieceVocabulary(IEnumerable<TextSet> sets)
    {
        var trainer = new TokenizerTrainer(new TrainingOptions(TrainingPattern.Parse("gpt2"), Size, []));
        var characters = new SortedSet<string>(StringComparer.Ordinal) { Mark };
        foreach (var text in sets.SelectMany(set => set.Texts).TakeWhile(_ => trainer.Bytes < TrainingBytes))
        {
            trainer.Add(text);
            characters.UnionWith(Encoding.UTF8.GetString(text).EnumerateRunes().Where(rune => rune.Value != ' ').Select(rune => rune.ToString()));
        }

        Tokens = [.. characters];
        var known = new HashSet<string>(Tokens, StringComparer.Ordinal);
        foreach (var (left, right) in trainer.Train().Merges.Select(merge => (Written(merge.Left), Written(merge.Right))))
        {
            // What is not made of whole characters has no place among them.
            if (known.Contains(left) && known.Contains(right) && known.Add(left + right))
            {
                Tokens.Add(left + right);
                Merges.Add((left, right));
            }
        }
    }

    /// <summary>Characters, then what merges make, in order.</summary>
    public List<string> Tokens { get; }

    public List<(string Left, string Right)> Merges { get; } = [];

    /// <summary>A logarithm of a probability that falls as ranks grow.</summary>
    public static double Score(int place) => -4 - Math.Log(place + 1.0);

    /// <summary>The tokenizer.json in the form of Llama 2.</summary>
    public byte[] ToBpeFile()
    {
        var vocabulary = new JsonObject { ["<unk>"] = 0 };
        foreach (var token in Bytes().Concat(Tokens))
        {
            vocabulary[token] = vocabulary.Count;
        }

        return File(
            new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Prepend", ["prepend"] = Mark }, Replace(new JsonObject { ["String"] = " " }, Mark)) },
            null,
            new JsonObject
            {
                ["type"] = "BPE", ["unk_token"] = "<unk>", ["fuse_unk"] = true, ["byte_fallback"] = true, ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. Merges.Select(merge => (JsonNode)new JsonArray(merge.Left, merge.Right))]),
            });
    }

    /// <summary>The tokenizer.json in the form of XLM-R, with the normalization NFKC.</summary>
    public byte[] ToUnigramFile() => File(
        new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "NFKC" }, Replace(new JsonObject { ["Regex"] = " {2,}" }, " ")) },
        new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(new JsonObject { ["type"] = "WhitespaceSplit" }, new JsonObject { ["type"] = "Metaspace", ["replacement"] = Mark, ["prepend_scheme"] = "always" }),
        },
        new JsonObject
        {
            ["type"] = "Unigram", ["unk_id"] = 0,
            ["vocab"] = new JsonArray([new JsonArray("<unk>", 0.0), .. Tokens.Select((token, place) => (JsonNode)new JsonArray(token, Score(place)))]),
        });

    /// <summary>A model of SentencePiece: Unigram, or BPE, whose scores are the order of the merges.</summary>
    public byte[] ToModel(bool isUnigram)
    {
        var (unknown, isByte, normal) = (2, 6, 1);
        var characters = Tokens.Count - Merges.Count;
        using var model = new MemoryStream();
        Add("<unk>", 0, unknown);
        foreach (var token in Bytes())
        {
            Add(token, 0, isByte);
        }

        foreach (var (place, token) in Tokens.Index())
        {
            Add(token, (float)(isUnigram ? Score(place) : place < characters ? -Size - place : characters - place), normal);
        }

        model.Write([0x12, 5, 0x18, (byte)(isUnigram ? 1 : 2), 0x98, 0x02, 1]); // the trainer's: model_type, byte_fallback
        model.Write([0x1A, 2, 0x20, 0]); // the normalizer's: spaces stay
        return model.ToArray();

        void Add(string text, float score, int kind)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            byte[] piece = [0x0A, .. Varint(utf8.Length), .. utf8, 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)kind];
            model.Write([0x0A, .. Varint(piece.Length), .. piece]);
        }
    }

    private static byte[] Varint(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];

    private static IEnumerable<string> Bytes() => Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>");

    private static string Written(byte[] token) => Encoding.UTF8.GetString(token).Replace(" ", Mark, StringComparison.Ordinal);

    private static JsonObject Replace(JsonObject pattern, string content) => new() { ["type"] = "Replace", ["pattern"] = pattern, ["content"] = content };

    private static byte[] File(JsonNode normalizer, JsonNode? preTokenizer, JsonNode model) => JsonSerializer.SerializeToUtf8Bytes(
        new JsonObject { ["version"] = "1.0", ["normalizer"] = normalizer, ["pre_tokenizer"] = preTokenizer, ["model"] = model });
}
