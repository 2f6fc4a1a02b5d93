using System.Text;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Tests.Tokenization;

/// <summary>Regular expressions in Oniguruma's syntax over Unicode scalar values.</summary>
public sealed class ExpressionTests
{
    [Theory]
    [InlineData("a|ab", "abab", "a,a")]
    [InlineData("(?:a|ab)(?:c|bcd)", "abcd", "abcd")]
    [InlineData("a+?b??", "aab", "a,a")]
    [InlineData("a{2}?", "aaa", "aa,")]
    [InlineData("a{,2}b", "aaab", "aab")]
    [InlineData("a{3,1}a", "aaaa", "aaaa")]
    [InlineData("(?>a{1,3})a", "aaaa", "aaaa")]
    [InlineData("a{x", "a{x", "a{x")]
    [InlineData("a++a", "aaa", null)]
    [InlineData("x*+.", "xxy", "xxy")]
    [InlineData(@"\p{Join_Control}+|\p{Hex_Digit}", "g\u200C\u200Da", "\u200C\u200D,a")]
    [InlineData(@"\P{^Ideographic}", "a\u3007b", "\u3007")]
    [InlineData(@"\s+(?!\S)|\s+", "a   b", "  , ")]
    [InlineData("(?<=a)b|(?<!a|x)c", "abcxcac", "b,c")]
    [InlineData("^a|b$", "a\na b\nb", "a,a,b,b")]
    [InlineData(@"\Aa|b\z|c\Z", "aab\n", "a")]
    [InlineData(@"\bx\b|\By", "x xy", "x,y")]
    [InlineData("(?i:'s)|(?i)k", "'S'ſKk", "'S,'ſ,K,k")]
    [InlineData("(?i:[a-c&&[^b]])", "ABC", "A,C")]
    [InlineData("(?m:a.b)|c.d", "a\nbc\nd", "a\nb")]
    [InlineData("(?x: a b # no\n c )", "abc", "abc")]
    [InlineData("a(?#no)b", "ab", "ab")]
    [InlineData(@"[^\s\p{L}]+", "ab, 𠀀c!", "\\,,!")]
    [InlineData(@"\p{Han}+", "中文𠀀x", "中文𠀀")]
    [InlineData(@"\p{^L}|\P{Lu}", "aA1", "a,1")]
    [InlineData(@"[[:alpha:]_]+|[[:^ascii:]]", "ab_é·", "ab_é,·")]
    [InlineData("[]a]+|[-x]", "]a-", "]a,-")]
    [InlineData(@"[a\-z]+", "a-zb", "a-z")]
    [InlineData(@"[^(\s|[.,])]+", "a.b c", "a,b,c")]
    [InlineData(@"\x{4E2D}|\u6587|\x41|\t", "中文A\t", "中,文,A,\t")]
    [InlineData(@"\h+|\R", "0fG\r\n", "0f,\r\n")]
    [InlineData("(a|b*)*c", "abbac", "abbac")]
    [InlineData("(?:)*a", "a", "a")]
    [InlineData("", "ab", ",,")]
    [InlineData(@"\w", "²⁴", "²")]
    [InlineData(@"[\w]", "²b", "b")]
    public void Matches_are_those_of_the_syntax(string pattern, string text, string? expected)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var matches = new List<TextRange>();
        new ExpressionPattern(pattern).FindAll(utf8, matches);
        var found = matches.Select(match => Encoding.UTF8.GetString(utf8[match.Start..match.End]).Replace(",", "\\,"));
        (matches.Count == 0 ? null : string.Join(',', found)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("(a", "without end")]
    [InlineData("a)", "closing parenthesis")]
    [InlineData("[a", "without end")]
    [InlineData("*a", "nothing to repeat")]
    [InlineData(@"(a)\1", "\\1")]
    [InlineData(@"\k<x>", "\\k")]
    [InlineData(@"\p{Klingon}", "Klingon")]
    [InlineData("(?~a)", "absent")]
    [InlineData("(?(1)a)", "condition")]
    [InlineData("(?W:a)", "(?W")]
    [InlineData("(?i:ss)", "ss")]
    [InlineData("(?<=a*)b", "look-behind")]
    [InlineData("(?:a{1000}){1000}", "20000")]
    [InlineData("a{100001}", "repetitions")]
    [InlineData("[b-a]", "range")]
    [InlineData("^*", "anchor")]
    [InlineData(@"\", "backslash")]
    public void What_is_malformed_or_not_supported_is_named(string pattern, string named) =>
        Should.Throw<ExpressionException>(() => new ExpressionPattern(pattern)).Message.ShouldContain(named);

    [Fact]
    public void Nesting_has_a_limit() =>
        Should.Throw<ExpressionException>(() => new ExpressionPattern(new string('(', 10_000))).Message.ShouldContain("nested");

    [Theory]
    [InlineData("(a+)+b")]
    [InlineData("(a|aa)+b")]
    [InlineData("(a*)*b")]
    [InlineData("(?:a?){40}a{40}b")]
    [InlineData("a*b|a")]
    [InlineData("(?:(?:a*)+x|a)")]
    public void Steps_grow_as_the_text_does(string pattern)
    {
        var one = Steps(pattern, 20_000);
        Steps(pattern, 40_000).ShouldBeLessThan(one * 3);
    }

    [Fact]
    public void What_cannot_be_linear_ends_in_an_error()
    {
        var text = Encoding.UTF8.GetBytes(new string('1', 200_000));
        var error = Should.Throw<DatasetException>(() => new ExpressionPattern(@"\d{1,3}(?=(?:\d{3})*$)").FindAll(text, []));
        error.Diagnostic.Code.ShouldBe("DSB3015");
    }

    private static long Steps(string pattern, int length)
    {
        var text = Encoding.UTF8.GetBytes(new string('a', length));
        var matcher = new ExpressionMatcher(ExpressionCompiler.Compile(pattern), text);
        for (var start = 0; matcher.Find(start, out _, out var end);)
        {
            start = Math.Max(start + 1, end);
        }

        return matcher.Steps;
    }
}
