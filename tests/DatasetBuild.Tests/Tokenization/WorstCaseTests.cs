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
