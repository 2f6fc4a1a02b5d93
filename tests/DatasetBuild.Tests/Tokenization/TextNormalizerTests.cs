using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Tokenization;

public sealed class TextNormalizerTests
{
    // New in Unicode 15.0, which the implementation that made the digests below did not know.
    private static readonly (int First, int Last) Newer = (0x1E030, 0x1E06D);

    private static readonly (int First, int Last)[] Ranges =
    [
        (0x20, 0x24F), (0x300, 0x34E), (0x390, 0x3CE), (0x591, 0x5C7), (0x915, 0x95F), (0x9BC, 0x9DF), (0x1100, 0x11FF), (0xAC00, 0xAC40),
        (0x1E00, 0x1EFF), (0x1F00, 0x1FFE), (0x2126, 0x212B), (0x3041, 0x30FF), (0xFB00, 0xFB4F), (0xFF01, 0xFFEE), (0x1D15E, 0x1D172),
    ];

    [Theory]
    [InlineData("Trim", " \t\u00a0x y\u3000\n", "x y")]
    [InlineData("Trim", " \u2028 ", "")]
    [InlineData("Lower", "ÀÉ ΑΣ ǅ ẞ 𐐀 ſ", "àé ασ ǆ ß 𐐨 ſ")]
    [InlineData("CollapseWhitespace", " a\u00a0\u2003b\n\nc\td ", " a b c d ")]
    [InlineData("StripPunctuation", "a-b_c (d) “e”… $1+2! ¿x? 。", "abc d e $1+2 x ")]
    [InlineData("NFC", "e\u0301 \u1100\u1161\u11a8 \u0958 \u212b ﬁ", "é 각 \u0915\u093c Å ﬁ")]
    [InlineData("NFC", "a\u0316\u0301 a\u0301\u0316 a\u0300\u0301", "á\u0316 á\u0316 à\u0301")]
    [InlineData("NFC", "\u0301a \u0f73 \u0344", "\u0301a \u0f71\u0f72 \u0308\u0301")]
    [InlineData("NFKC", "ﬁ ＡＢ ① ㎏ x² ｶﾞ ½", "fi AB 1 kg x2 ガ 1⁄2")]
    [InlineData("NFKC", "ᄀ\u314f", "가")]
    [InlineData("trim; nfkc, LOWER;collapsewhitespace;strippunctuation", "  Ｈello,\n\u00a0WORLD!  ", "hello world")]
    [InlineData("StripPunctuation;CollapseWhitespace", "a - b", "a  b")]
    [InlineData("", " x ", " x ")]
    public void Each_step_does_what_it_says(string steps, string text, string expected) =>
        Normalize(TextNormalizer.Parse(steps), text).ShouldBe(expected);

    [Theory]
    [InlineData("Trimm")]
    [InlineData("NFC;NFD")]
    [InlineData("1")]
    [InlineData("None")]
    [InlineData("Trim;trim")]
    public void An_unknown_or_repeated_step_is_refused_by_name(string steps)
    {
        var error = Should.Throw<FormatException>(() => TextNormalizer.Parse(steps));
        error.Message.ShouldContain($"'{steps.Split(';')[^1]}'");
    }

    [Fact]
    public void Identities_depend_on_the_steps_and_not_on_how_they_are_written()
    {
        TextNormalizer.Parse("Lower;Trim").Identity.ShouldBe(TextNormalizer.Parse("trim, lower").Identity);
        string[] lists = ["", "Trim", "NFC", "NFKC", "Lower", "CollapseWhitespace", "StripPunctuation", "Trim;Lower"];
        lists.Select(list => TextNormalizer.Parse(list).Identity).Distinct().Count().ShouldBe(lists.Length);
    }

    // The digests were made by another implementation (Python's unicodedata, Unicode 14.0).
    [Theory]
    [InlineData("NFC", "f891097ae82e52e6a4358e67fd6fc71d82f289f0a434ee0e922d744c74958736")]
    [InlineData("NFKC", "31a979c4a9f674c70391c15300e0203af2b55c3b1e68b74dd1e6f29f0252cd49")]
    public void Every_code_point_is_normalized_as_elsewhere(string form, string digest)
    {
        var codes = Enumerable.Range(0, 0x110000).Where(code => Rune.IsValid(code) && (code < Newer.First || code > Newer.Last));
        Digest(form, codes.Select(code => new Rune(code).ToString())).ShouldBe(digest);
    }

    [Theory]
    [InlineData("NFC", "7e42c14c8e69398858a399813d61663a3b43631b5fa599c69cf9acac7e523914")]
    [InlineData("NFKC", "a3aff08dbcb4f02ea2422a7992e952dfbe02a4cbcec3743c9cacec5dd208dccb")]
    public void Mixed_sequences_are_normalized_as_elsewhere(string form, string digest)
    {
        var state = 1UL;
        Digest(form, Enumerable.Range(0, 50_000).Select(_ => Sequence())).ShouldBe(digest);

        string Sequence()
        {
            var text = new StringBuilder();
            for (var left = 1 + Next(12); left > 0; left--)
            {
                var (first, last) = Ranges[Next(Ranges.Length)];
                text.Append(new Rune(first + Next(last - first + 1)));
            }

            return text.ToString();
        }

        int Next(int bound)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            return (int)((state >> 33) % (ulong)bound);
        }
    }

    [Fact]
    public void Normalizing_twice_changes_nothing_more()
    {
        foreach (var form in (string[])["NFC", "NFKC", "Trim;NFC;Lower;CollapseWhitespace"])
        {
            var normalizer = TextNormalizer.Parse(form);
            Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text =>
            {
                var valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
                var once = Normalize(normalizer, valid);
                Normalize(normalizer, once).ShouldBe(once);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        }
    }

    private static string Normalize(TextNormalizer normalizer, string text)
    {
        var output = new ArrayBufferWriter<byte>();
        normalizer.Normalize(Encoding.UTF8.GetBytes(text), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Digest(string form, IEnumerable<string> texts)
    {
        var normalizer = TextNormalizer.Parse(form);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var output = new ArrayBufferWriter<byte>();
        foreach (var text in texts)
        {
            output.ResetWrittenCount();
            normalizer.Normalize(Encoding.UTF8.GetBytes(text), output);
            output.Write("\n"u8);
            hash.AppendData(output.WrittenSpan);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
