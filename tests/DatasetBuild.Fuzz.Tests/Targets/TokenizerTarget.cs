using System.Text;
using System.Text.Json;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>A tokenizer file: whatever is accepted takes any text apart into tokens whose bytes are the text.</summary>
internal sealed class TokenizerTarget(bool isRanks) : FuzzTarget
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes("héllo the then  thing 12345\r\n\t't \U0001F600" + string.Concat(Enumerable.Range(0, 2100).Select(c => (char)c)));
    private readonly List<Token> tokens = [];

    public override string Name => isRanks ? "tiktoken" : "tokenizer-json";

    public override bool IsJson => !isRanks;

    public override int ShortRun => 400;

    public override IReadOnlyList<string> Words { get; } = isRanks
        ? ["\n", " ", "=", "QQ== 1\n", "QUFB 300\n", "dGhl 99999999\n", "16777215", "16777216", "-1", "4294967296", Convert.ToBase64String(new byte[1024]) + " 400\n", "\ufeff"]
        :
        [
            "\"merges\":", "\"vocab\":", "\"type\":", "\"BPE\"", "\"t h\"", "\"h t\"", "\"th e\"", "\"the the\"", "[\"t\",\"h\"]", "16777215", "16777216", "-1", "1e9", "4294967296", "\"ByteLevel\"", "\"Sequence\"", "\"Split\"", "\"Regex\":", "null",
            "\"ignore_merges\":true", "\"\\ud800\"", "{}", "[]", ",", "\"\"", "\"normalizer\":", "\"pre_tokenizer\":", string.Concat(Enumerable.Repeat("[", 80)),
        ];

    // Tables by id go up to 2^24 of them, whatever the file's length.
    public override long MayAllocate(int length) => (512L << 20) + (3000L * length);

    public override IEnumerable<byte[]> Seeds() => isRanks ? [Ranks(0), Ranks(3)] : [Json(true), Json(false)];

    public override string Run(byte[] input)
    {
        ITokenizer tokenizer;
        try
        {
            tokenizer = Tokenizers.Load(Scratch.Write("tokenizer", input), "my.gpt2.file");
        }
        catch (DatasetException error)
        {
            Checks.Holds(Checks.IsCode(error.Diagnostic.Code, '3'), "an error of a tokenizer has another code");
            return $"{error.Diagnostic.Code} {string.Concat(error.Diagnostic.Message.Where(char.IsAsciiLetter).Take(24))}";
        }

        tokens.Clear();
        tokenizer.Encode(Text, tokens);
        var end = 0;
        foreach (var token in tokens)
        {
            Checks.Holds(token.Start == end && token.End > end, "tokens leave gaps");
            end = token.End;
            Checks.Holds(token.Id >= 0 && token.Id < tokenizer.VocabularySize, "a token is not in the vocabulary");
            Checks.Holds(tokenizer.Bytes(token.Id).SequenceEqual(Text.AsSpan(token.Start, token.End - token.Start)), "the bytes of a token are not the text's");
        }

        Checks.Holds(end == Text.Length, "tokens end before the text does");
        return $"{Checks.Bucket(tokenizer.VocabularySize)} {tokens.Count}";
    }

    private static byte[] Ranks(int merges)
    {
        var text = new StringBuilder();
        for (var b = 0; b < 256; b++)
        {
            text.Append(Convert.ToBase64String([(byte)b])).Append(' ').Append(b).Append('\n');
        }

        foreach (var word in ((string[])["th", "the", "he"]).Take(merges))
        {
            text.Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(word))).Append(' ').Append(256 + word.Length + (word[0] == 't' ? 0 : 2)).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Json(bool pairs)
    {
        // The alphabet's spelling of the bytes is written down here once more: visible ones stand for themselves, the others follow from U+0100 on.
        var vocabulary = new Dictionary<string, int>();
        var next = 256;
        for (var b = 0; b < 256; b++)
        {
            var isVisible = b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
            vocabulary[((char)(isVisible ? b : next++)).ToString()] = b;
        }

        foreach (var token in (string[])["th", "the"])
        {
            vocabulary[token] = vocabulary.Count;
        }

        object[] merges = pairs ? [(string[])["t", "h"], (string[])["th", "e"]] : ["t h", "th e"];
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>
        {
            ["version"] = "1.0",
            ["normalizer"] = null,
            ["pre_tokenizer"] = new { type = "ByteLevel", add_prefix_space = false, use_regex = true },
            ["model"] = new { type = "BPE", dropout = (double?)null, ignore_merges = pairs, merges, vocab = vocabulary },
        });
    }
}
