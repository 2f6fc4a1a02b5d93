using System.Text;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Cutting 64 bytes at a time against cutting piece by piece, which the published expressions prove.</summary>
public sealed class BlockPatternTests
{
    private static readonly SplitPattern[] Patterns = [PublishedPatterns.Gpt2, PublishedPatterns.Cl100k, PublishedPatterns.Qwen, PublishedPatterns.O200k];

    // The last ones are characters that make a block one that the bits alone do not decide.
    private static readonly string[][] Alphabets =
    [
        ["a", "b", "Z", "'", "s", "'ll", "'re", "'S", " "],
        ["word", " word", " Word", ". ", ", ", "\n", "\n\n", "'s", " 12", "345"],
        [" ", "  ", "\t", "\n", "\r\n", "\v", "x", "!", "/"],
        ["/", "\n", "!", "a", "A", "'", " "],
        ["0", "1", "22", "x", " ", "."],
        ["'", "'s", "'ve", "'Re", "'ſ", "d", "D", " ", "\n"],
        ["word ", "naïve ", "’s", "“", " —", "\u00a0", "\u3000", "\u0085", "a\u0301", "K", "ſ", "٣", "𝐀", "👍🏽", "中文", "привет", "\0", "\u001c", "x"],
        ["lower", "Upper", "UPPER", "'s", "'T", "\u0301", " ", "中"],
    ];

    [Fact]
    public void Blocks_are_cut_as_pieces_are()
    {
        var random = new Random(20);
        var ends = new int[66];
        for (var round = 0; round < 6000; round++)
        {
            var alphabet = Alphabets[round % Alphabets.Length];
            var text = Text(random, alphabet, random.Next(1, 300));
            foreach (var pattern in Patterns)
            {
                Cut(pattern, text, ends).ShouldBe(CutByPieces(pattern, text), $"{pattern.Name}: {Encoding.UTF8.GetString(text)}");
            }
        }
    }

    /// <summary>Each special piece of text at each place around the border of two blocks, and at the very end of the text.</summary>
    [Fact]
    public void The_borders_of_blocks_are_places_like_any_other()
    {
        string[] borders =
        [
            "'s", "'ll", "'llx", "'s's", "'re've", "  ", "\n\n", " \n ", "\n  \n  x", "!\n\n  y", "/\n/.a", "123456789", "٣12345", "1٣2345", "12٣45678", "𝟏234567", "..a", " .a", "\t.a", "\t", "'S", "aB", "Ba", "B'sC", "é", "ß'ſ",
            "\u00a0x", "\u3000", "!\r\n/", "\0", "👍", "'", "''s",
        ];
        var ends = new int[200];
        foreach (var border in borders)
        {
            for (var before = 56; before <= 66; before++)
            {
                foreach (var filling in (string[])["a", " a", "a.", "A", "1", "\n", "x'", "é"])
                {
                    foreach (var after in (string[])["", "a", "Bc d", " e", "\n", "1", "."])
                    {
                        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(filling, 66))[..before] + border + after);
                        foreach (var pattern in Patterns)
                        {
                            Cut(pattern, text, ends).ShouldBe(CutByPieces(pattern, text), $"{pattern.Name}: {Encoding.UTF8.GetString(text)}");
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void A_text_of_a_longer_buffer_is_cut_as_one_by_itself()
    {
        var random = new Random(21);
        var ends = new int[1000];
        foreach (var alphabet in Alphabets)
        {
            var buffer = Text(random, alphabet, 200);
            var starts = Enumerable.Range(0, buffer.Length).Where(i => (buffer[i] & 0xC0) != 0x80).Append(buffer.Length).ToList();
            for (var round = 0; round < 200; round++)
            {
                var (one, other) = (starts[random.Next(starts.Count)], starts[random.Next(starts.Count)]);
                var range = Math.Min(one, other)..Math.Max(one, other);
                foreach (var pattern in Patterns)
                {
                    Cut(pattern, buffer.AsSpan(range), ends).ShouldBe(Cut(pattern, buffer[range], ends));
                }
            }
        }
    }

    [Fact]
    public void Every_width_of_vectors_sees_the_same_classes()
    {
        var random = new Random(22);
        var block = new byte[ByteClasses.BlockSize];
        for (var round = 0; round < 2000; round++)
        {
            for (var i = 0; i < block.Length; i++)
            {
                block[i] = round < 4 ? (byte)((round * ByteClasses.BlockSize) + i) : (byte)random.Next(round % 3 == 0 ? 256 : 128);
            }

            ByteClasses.OfScalar(in block[0], out var expected);
            ByteClasses.Of128(in block[0], out var of128);
            ByteClasses.Of256(in block[0], out var of256);
            ByteClasses.Of512(in block[0], out var of512);
            ByteClasses.Of(in block[0], out var chosen);
            of128.ShouldBe(expected);
            of256.ShouldBe(expected);
            of512.ShouldBe(expected);
            chosen.ShouldBe(expected);
        }
    }

    private static byte[] Text(Random random, string[] alphabet, int parts) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, parts).Select(_ => alphabet[random.Next(alphabet.Length)])));

    private static List<int> Cut(SplitPattern pattern, ReadOnlySpan<byte> text, int[] ends)
    {
        var all = new List<int>();
        while ((all.Count == 0 ? 0 : all[^1]) < text.Length)
        {
            var written = pattern.Split(text, all.Count == 0 ? 0 : all[^1], ends);
            written.ShouldBeInRange(1, ends.Length);
            all.AddRange(ends.AsSpan(0, written));
        }

        return all;
    }

    private static List<int> CutByPieces(SplitPattern pattern, byte[] text)
    {
        var all = new List<int>();
        for (var start = 0; start < text.Length; start = all[^1])
        {
            all.Add(pattern.PieceEnd(text, start));
        }

        return all;
    }
}
