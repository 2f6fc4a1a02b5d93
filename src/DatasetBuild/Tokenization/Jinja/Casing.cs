using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>
/// Upper, lower and title case as Python has them: the full mappings of Unicode's SpecialCasing.txt that hold in every language, which .NET's are not.
/// </summary>
internal static class Casing
{
    /// <summary>Characters whose upper case is several.</summary>
    private static readonly Dictionary<string, string> Uppers = Table(
        "\u00df=\u0053\u0053;\u0149=\u02bc\u004e;\u01f0=\u004a\u030c;\u0390=\u0399\u0308\u0301;\u03b0=\u03a5\u0308\u0301;\u0587=\u0535\u0552;" +
        "\u1e96=\u0048\u0331;\u1e97=\u0054\u0308;\u1e98=\u0057\u030a;\u1e99=\u0059\u030a;\u1e9a=\u0041\u02be;\u1f50=\u03a5\u0313;" +
        "\u1f52=\u03a5\u0313\u0300;\u1f54=\u03a5\u0313\u0301;\u1f56=\u03a5\u0313\u0342;\u1f80=\u1f08\u0399;\u1f81=\u1f09\u0399;\u1f82=\u1f0a\u0399;" +
        "\u1f83=\u1f0b\u0399;\u1f84=\u1f0c\u0399;\u1f85=\u1f0d\u0399;\u1f86=\u1f0e\u0399;\u1f87=\u1f0f\u0399;\u1f88=\u1f08\u0399;" +
        "\u1f89=\u1f09\u0399;\u1f8a=\u1f0a\u0399;\u1f8b=\u1f0b\u0399;\u1f8c=\u1f0c\u0399;\u1f8d=\u1f0d\u0399;\u1f8e=\u1f0e\u0399;" +
        "\u1f8f=\u1f0f\u0399;\u1f90=\u1f28\u0399;\u1f91=\u1f29\u0399;\u1f92=\u1f2a\u0399;\u1f93=\u1f2b\u0399;\u1f94=\u1f2c\u0399;" +
        "\u1f95=\u1f2d\u0399;\u1f96=\u1f2e\u0399;\u1f97=\u1f2f\u0399;\u1f98=\u1f28\u0399;\u1f99=\u1f29\u0399;\u1f9a=\u1f2a\u0399;" +
        "\u1f9b=\u1f2b\u0399;\u1f9c=\u1f2c\u0399;\u1f9d=\u1f2d\u0399;\u1f9e=\u1f2e\u0399;\u1f9f=\u1f2f\u0399;\u1fa0=\u1f68\u0399;" +
        "\u1fa1=\u1f69\u0399;\u1fa2=\u1f6a\u0399;\u1fa3=\u1f6b\u0399;\u1fa4=\u1f6c\u0399;\u1fa5=\u1f6d\u0399;\u1fa6=\u1f6e\u0399;" +
        "\u1fa7=\u1f6f\u0399;\u1fa8=\u1f68\u0399;\u1fa9=\u1f69\u0399;\u1faa=\u1f6a\u0399;\u1fab=\u1f6b\u0399;\u1fac=\u1f6c\u0399;" +
        "\u1fad=\u1f6d\u0399;\u1fae=\u1f6e\u0399;\u1faf=\u1f6f\u0399;\u1fb2=\u1fba\u0399;\u1fb3=\u0391\u0399;\u1fb4=\u0386\u0399;" +
        "\u1fb6=\u0391\u0342;\u1fb7=\u0391\u0342\u0399;\u1fbc=\u0391\u0399;\u1fc2=\u1fca\u0399;\u1fc3=\u0397\u0399;\u1fc4=\u0389\u0399;" +
        "\u1fc6=\u0397\u0342;\u1fc7=\u0397\u0342\u0399;\u1fcc=\u0397\u0399;\u1fd2=\u0399\u0308\u0300;\u1fd3=\u0399\u0308\u0301;\u1fd6=\u0399\u0342;" +
        "\u1fd7=\u0399\u0308\u0342;\u1fe2=\u03a5\u0308\u0300;\u1fe3=\u03a5\u0308\u0301;\u1fe4=\u03a1\u0313;\u1fe6=\u03a5\u0342;\u1fe7=\u03a5\u0308\u0342;" +
        "\u1ff2=\u1ffa\u0399;\u1ff3=\u03a9\u0399;\u1ff4=\u038f\u0399;\u1ff6=\u03a9\u0342;\u1ff7=\u03a9\u0342\u0399;\u1ffc=\u03a9\u0399;" +
        "\ufb00=\u0046\u0046;\ufb01=\u0046\u0049;\ufb02=\u0046\u004c;\ufb03=\u0046\u0046\u0049;\ufb04=\u0046\u0046\u004c;\ufb05=\u0053\u0054;" +
        "\ufb06=\u0053\u0054;\ufb13=\u0544\u0546;\ufb14=\u0544\u0535;\ufb15=\u0544\u053b;\ufb16=\u054e\u0546;\ufb17=\u0544\u053d");

    /// <summary>Characters whose title case is not their upper case.</summary>
    private static readonly Dictionary<string, string> Titles = Table(
        "\u00df=\u0053\u0073;\u0149=\u02bc\u004e;\u01f0=\u004a\u030c;\u0390=\u0399\u0308\u0301;\u03b0=\u03a5\u0308\u0301;\u0587=\u0535\u0582;" +
        "\u1e96=\u0048\u0331;\u1e97=\u0054\u0308;\u1e98=\u0057\u030a;\u1e99=\u0059\u030a;\u1e9a=\u0041\u02be;\u1f50=\u03a5\u0313;" +
        "\u1f52=\u03a5\u0313\u0300;\u1f54=\u03a5\u0313\u0301;\u1f56=\u03a5\u0313\u0342;\u1fb2=\u1fba\u0345;\u1fb4=\u0386\u0345;\u1fb6=\u0391\u0342;" +
        "\u1fb7=\u0391\u0342\u0345;\u1fc2=\u1fca\u0345;\u1fc4=\u0389\u0345;\u1fc6=\u0397\u0342;\u1fc7=\u0397\u0342\u0345;\u1fd2=\u0399\u0308\u0300;" +
        "\u1fd3=\u0399\u0308\u0301;\u1fd6=\u0399\u0342;\u1fd7=\u0399\u0308\u0342;\u1fe2=\u03a5\u0308\u0300;\u1fe3=\u03a5\u0308\u0301;\u1fe4=\u03a1\u0313;" +
        "\u1fe6=\u03a5\u0342;\u1fe7=\u03a5\u0308\u0342;\u1ff2=\u1ffa\u0345;\u1ff4=\u038f\u0345;\u1ff6=\u03a9\u0342;\u1ff7=\u03a9\u0342\u0345;" +
        "\ufb00=\u0046\u0066;\ufb01=\u0046\u0069;\ufb02=\u0046\u006c;\ufb03=\u0046\u0066\u0069;\ufb04=\u0046\u0066\u006c;\ufb05=\u0053\u0074;" +
        "\ufb06=\u0053\u0074;\ufb13=\u0544\u0576;\ufb14=\u0544\u0565;\ufb15=\u0544\u056b;\ufb16=\u054e\u0576;\ufb17=\u0544\u056d;" +
        "\u01c4=\u01c5;\u01c5=\u01c5;\u01c6=\u01c5;\u01c7=\u01c8;\u01c8=\u01c8;\u01c9=\u01c8;" +
        "\u01ca=\u01cb;\u01cb=\u01cb;\u01cc=\u01cb;\u01f1=\u01f2;\u01f2=\u01f2;\u01f3=\u01f2;" +
        "\u1f80=\u1f88;\u1f81=\u1f89;\u1f82=\u1f8a;\u1f83=\u1f8b;\u1f84=\u1f8c;\u1f85=\u1f8d;" +
        "\u1f86=\u1f8e;\u1f87=\u1f8f;\u1f88=\u1f88;\u1f89=\u1f89;\u1f8a=\u1f8a;\u1f8b=\u1f8b;" +
        "\u1f8c=\u1f8c;\u1f8d=\u1f8d;\u1f8e=\u1f8e;\u1f8f=\u1f8f;\u1f90=\u1f98;\u1f91=\u1f99;" +
        "\u1f92=\u1f9a;\u1f93=\u1f9b;\u1f94=\u1f9c;\u1f95=\u1f9d;\u1f96=\u1f9e;\u1f97=\u1f9f;" +
        "\u1f98=\u1f98;\u1f99=\u1f99;\u1f9a=\u1f9a;\u1f9b=\u1f9b;\u1f9c=\u1f9c;\u1f9d=\u1f9d;" +
        "\u1f9e=\u1f9e;\u1f9f=\u1f9f;\u1fa0=\u1fa8;\u1fa1=\u1fa9;\u1fa2=\u1faa;\u1fa3=\u1fab;" +
        "\u1fa4=\u1fac;\u1fa5=\u1fad;\u1fa6=\u1fae;\u1fa7=\u1faf;\u1fa8=\u1fa8;\u1fa9=\u1fa9;" +
        "\u1faa=\u1faa;\u1fab=\u1fab;\u1fac=\u1fac;\u1fad=\u1fad;\u1fae=\u1fae;\u1faf=\u1faf;" +
        "\u1fb3=\u1fbc;\u1fbc=\u1fbc;\u1fc3=\u1fcc;\u1fcc=\u1fcc;\u1ff3=\u1ffc;\u1ffc=\u1ffc");

    public static string Upper(string text) => Map(text, (rune, _) => Mapped(Uppers, rune) ?? Rune.ToUpperInvariant(rune).ToString());

    public static string Lower(string text) => Map(text, (rune, at) => LowerOf(text, rune, at));

    public static string SwapCase(string text) =>
        Map(text, (rune, at) => Rune.IsUpper(rune) ? LowerOf(text, rune, at) : Rune.IsLower(rune) ? Mapped(Uppers, rune) ?? Rune.ToUpperInvariant(rune).ToString() : rune.ToString());

    /// <summary>The first character in title case, all others in lower case.</summary>
    public static string Capitalize(string text) => Map(text, (rune, at) => at == 0 ? TitleOf(rune) : LowerOf(text, rune, at));

    /// <summary>Title case for each character that stands behind one without case, lower case for all others.</summary>
    public static string Title(string text)
    {
        var behindCased = false;
        return Map(text, (rune, at) =>
        {
            var mapped = behindCased ? LowerOf(text, rune, at) : TitleOf(rune);
            behindCased = IsCased(rune);
            return mapped;
        });
    }

    /// <summary>Whether a character has case at all.</summary>
    public static bool IsCased(Rune rune) =>
        Rune.IsUpper(rune) || Rune.IsLower(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.TitlecaseLetter || rune.Value is 0xAA or 0xBA or (>= 0x2B0 and <= 0x2B8) or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9);

    private static string TitleOf(Rune rune) =>
        Mapped(Titles, rune) ?? (rune.Value is >= 0x10D0 and <= 0x10FF ? rune : Rune.ToUpperInvariant(rune)).ToString();

    private static string LowerOf(string text, Rune rune, int at) => rune.Value switch
    {
        0x130 => "i\u0307",
        0x3A3 => IsFinalSigma(text, at) ? "\u03c2" : "\u03c3",
        _ => Rune.ToLowerInvariant(rune).ToString(),
    };

    /// <summary>A sigma is final behind a letter and not before one; marks in between do not count.</summary>
    private static bool IsFinalSigma(string text, int at)
    {
        var before = at - 1;
        while (before >= 0 && IsIgnorable(text, before))
        {
            before--;
        }

        var behind = at + 1;
        while (behind < text.Length && IsIgnorable(text, behind))
        {
            behind++;
        }

        return IsCasedAt(text, before) && !IsCasedAt(text, behind);
    }

    private static bool IsCasedAt(string text, int at)
    {
        if (at < 0 || at >= text.Length)
        {
            return false;
        }

        var start = char.IsLowSurrogate(text[at]) && at > 0 ? at - 1 : at;
        return Rune.TryGetRuneAt(text, start, out var rune) && IsCased(rune);
    }

    private static bool IsIgnorable(string text, int at) =>
        text[at] is '\'' or '.' or ':' or '^' or '`' or '\u00a8' or '\u00ad' or '\u00b7' or '\u2019'
        || char.GetUnicodeCategory(text[at]) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.EnclosingMark or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.ModifierLetter or System.Globalization.UnicodeCategory.ModifierSymbol;

    private static string Map(string text, Func<Rune, int, string> map)
    {
        var mapped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                mapped.Append(text[i++]);
                continue;
            }

            mapped.Append(map(rune, i));
            i += rune.Utf16SequenceLength;
        }

        return mapped.ToString();
    }

    private static string? Mapped(Dictionary<string, string> table, Rune rune) => rune.Value < 0xDF ? null : table.GetValueOrDefault(rune.ToString());

    private static Dictionary<string, string> Table(string rows) => rows.Split(';').Select(row => row.Split('=')).ToDictionary(row => row[0], row => row[1], StringComparer.Ordinal);
}
