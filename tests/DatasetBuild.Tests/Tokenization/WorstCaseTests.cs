using System.Buffers;
using System.Text;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>A megabyte of one thing: these tests would not end with work that grows with the square of the length.</summary>
public sealed class WorstCaseTests
{
    private static readonly string[] ForTokenizers = ["a", " ", "0", "'s", "👍", "\n", "A\u0301"];
    private static readonly string[] ForWords = ["a", " ", ".", "'", "\"", "`", "x' ", "a. ", "cannot", "e.g. ", "中"];
    private static readonly string[] ForNormalizer = ["a", " \n", "é", "\u0301", "A\u0301", "\u0316\u0301", "\u1161", "ﬃ"];

    [Theory]
    [InlineData("cl100k_base.tiktoken")]
    [InlineData("o200k_base.tiktoken")]
    [InlineData("r50k_base.tiktoken")]
    public void A_megabyte_of_one_thing_is_tokenized(string file)
    {
        var tokenizer = LoadedTokenizers.Get(file);
        foreach (var text in Megabytes(ForTokenizers))
        {
            tokenizer.Count(text).ShouldBeInRange(1, text.Length);
        }
    }

    /// <summary>Counted in steps: a text of twice the length takes twice as many, but for what its end costs.</summary>
    [Theory]
    [InlineData("cl100k_base.tiktoken")]
    [InlineData("o200k_base.tiktoken")]
    [InlineData("r50k_base.tiktoken")]
    public void The_steps_of_matching_grow_with_the_length(string file)
    {
        var encoder = LoadedTokenizers.Encoder(file);
        foreach (var unit in (string[])[.. ForTokenizers, "ab", "aab", "abcab", "中文", " a", "th", "ing", "==", "=-"])
        {
            var (few, many) = (Steps(1 << 14), Steps(1 << 15));
            many.ShouldBeLessThanOrEqualTo((few * 2) + (few / 8) + 200, unit);
            many.ShouldBeLessThanOrEqualTo(40L << 15, unit);

            long Steps(int bytes)
            {
                var piece = Encoding.UTF8.GetBytes(new StringBuilder().Insert(0, unit, bytes / Encoding.UTF8.GetByteCount(unit)).ToString());
                encoder.Match(piece, new int[piece.Length], new ulong[(piece.Length / 64) + 1], out var steps);
                return steps;
            }
        }
    }

    [Theory]
    [InlineData("llama2")]
    [InlineData("unigram-xlmr")]
    [InlineData("bert-uncased")]
    [InlineData("deepseek-style")]
    public void A_megabyte_of_one_thing_is_counted_by_other_kinds_of_tokenizers(string fixture)
    {
        var tokenizer = Tokenizers.Load(SharedData.Path("tokenizer-json", fixture, "tokenizer.json"), fixture);
        foreach (var text in Megabytes(["a", " ", "👍", " a"]))
        {
            try
            {
                tokenizer.Count(text).ShouldBeInRange(0, 2 * text.Length);
            }
            catch (DatasetException e)
            {
                e.Diagnostic.Code.ShouldBe("DSB3016");
            }
        }
    }

    [Fact]
    public void A_text_of_50_megabytes_is_counted()
    {
        var unit = Encoding.UTF8.GetBytes("It's a text of 50 megabytes, naïve and long: 中文 👍 1234567\n");
        var text = new byte[50_000_000 / unit.Length * unit.Length];
        for (var at = 0; at < text.Length; at += unit.Length)
        {
            unit.CopyTo(text.AsSpan(at));
        }

        var tokenizer = LoadedTokenizers.Get("cl100k_base.tiktoken");
        // No token reaches over the end of a line of letters and digits.
        var line = tokenizer.Ids(unit).Length;
        tokenizer.Count(text).ShouldBe(line * (text.Length / unit.Length));
    }

    [Fact]
    public void A_megabyte_of_one_thing_is_split_into_words()
    {
        foreach (var text in Megabytes(ForWords))
        {
            new TreebankCounter().Count(text).ShouldBeInRange(0, text.Length);
            new WordCounter().Count(text).ShouldBeInRange(0, text.Length);
        }
    }

    [Fact]
    public void A_megabyte_of_one_thing_is_normalized()
    {
        var normalizer = TextNormalizer.Parse("Trim;NFKC;Lower;CollapseWhitespace;StripPunctuation");
        foreach (var text in Megabytes(ForNormalizer))
        {
            var output = new ArrayBufferWriter<byte>();
            normalizer.Normalize(text, output);
            output.WrittenCount.ShouldBeLessThanOrEqualTo(text.Length);
        }
    }

    private static IEnumerable<byte[]> Megabytes(string[] units) =>
        units.Select(unit => Encoding.UTF8.GetBytes(new StringBuilder().Insert(0, unit, (1 << 20) / Encoding.UTF8.GetByteCount(unit)).ToString()));
}
