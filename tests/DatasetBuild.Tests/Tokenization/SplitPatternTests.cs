using System.Text;
using System.Text.RegularExpressions;
using DatasetBuild.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>
/// The hand-written scanners against the published expressions in a regex engine. The engine matches UTF-16 units, so these texts stay in the
/// basic plane; the reference ids cover the others.
/// </summary>
public sealed class SplitPatternTests
{
    // The long s is spelled out, so that nothing depends on the engine's idea of case.
    private const string Contractions = "'[sSſ]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";

    private static readonly string[] Pools =
    [
        "abcxyz", "ABCXYZ", "sStTmMdDrReEvVlL'ſ", "0123456789٣½²Ⅷ", " \t\n\r\u00a0\u2003\u3000\u0085\u000b\u2028", "!?.,/\\#$%^&*()-_=+[]{}<>;:\"'",
        "éÉßẞǅʰªº", "中文日本語カナ", "ＡＢＣａｂｃ", "\u0301\u0308\u0327\u093f\u20dd", "\u200b\u00ad\ufeff\ue000\u0378", "ΣςΩω", "नमस्ते", "\0\u001c\u001f",
    ];

    public static TheoryData<string, string> Published => new()
    {
        { "gpt2", @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+" },
        {
            "cl100k",
            $@"(?:{Contractions})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        },
        {
            "qwen",
            $@"(?:{Contractions})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        },
        {
            "o200k",
            $@"[^\r\n\p{{L}}\p{{N}}]?{Upper}*{Lower}+(?:{Contractions})?|[^\r\n\p{{L}}\p{{N}}]?{Upper}+{Lower}*(?:{Contractions})?"
            + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Pieces_are_those_of_the_published_expression(string name, string expression)
    {
        var regex = new Regex(expression, RegexOptions.CultureInvariant);
        var pattern = Named(name);
        var text =
            from pools in Gen.Elements(Pools).ArrayOf(3)
            from characters in Gen.Elements(string.Concat(pools).ToCharArray()).ArrayOf()
            select new string(characters);
        Prop.ForAll(text.ToArbitrary(), sample =>
        {
            var expected = regex.Matches(sample).Select(match => match.Value);
            return Pieces(pattern, sample).SequenceEqual(expected);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Theory]
    [InlineData("gpt2", "we'll 'Sam's", "we|'ll| '|Sam|'s")]
    [InlineData("cl100k", "WE'LL x\n \n y 12345", "WE|'LL| x|\n \n| y| |123|45")]
    [InlineData("o200k", "CamelCase's HTTPServer a/\n/b 中A", "Camel|Case's| HTTPServer| a|/\n/|b| 中|A")]
    [InlineData("o200k", "𝐀𝐁𝐜 👍🏽!", "𝐀𝐁𝐜| 👍🏽!")]
    public void Known_texts_are_cut_as_published(string name, string text, string pieces)
    {
        var pattern = Named(name);
        Pieces(pattern, text).ShouldBe(pieces.Split('|'));
    }

    private static SplitPattern Named(string name) =>
        new[] { PublishedPatterns.Gpt2, PublishedPatterns.Cl100k, PublishedPatterns.Qwen, PublishedPatterns.O200k }.Single(pattern => pattern.Name == name);

    public static TheoryData<string> Spellings => [.. PublishedPatterns.Spellings];

    [Theory]
    [MemberData(nameof(Spellings))]
    public void A_scanner_gives_the_matches_of_its_expression_in_all_planes(string expression)
    {
        var pools = Pools.Append("𠀀𠮷𝐀𝐚𝟘👍🏽\U0001E900\U0001E922\U00011944").ToArray();
        var text =
            from chosen in Gen.Elements(pools).ArrayOf(3)
            from characters in Gen.Elements(string.Concat(chosen).EnumerateRunes().ToArray()).ArrayOf()
            select string.Concat(characters.Select(rune => rune.ToString()));
        var matcher = new ExpressionPattern(expression);
        var scanner = new ScannerPattern(PublishedPatterns.FromRegex(expression)!);
        Prop.ForAll(text.ToArbitrary(), sample =>
        {
            var utf8 = Encoding.UTF8.GetBytes(sample);
            var (expected, found) = (new List<TextRange>(), new List<TextRange>());
            matcher.FindAll(utf8, expected);
            scanner.FindAll(utf8, found);
            return found.SequenceEqual(expected);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static IEnumerable<string> Pieces(SplitPattern pattern, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        for (var start = 0; start < utf8.Length;)
        {
            var end = pattern.PieceEnd(utf8, start);
            yield return Encoding.UTF8.GetString(utf8, start, end - start);
            start = end;
        }
    }
}
