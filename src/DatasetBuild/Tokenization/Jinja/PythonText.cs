using System.Globalization;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>What Python's strings do that .NET's do not: they count code points, and have their own white space.</summary>
internal static class PythonText
{
    /// <summary>Python's <c>str.isspace</c>: it takes in U+001C to U+001F and U+0085, and leaves out U+200B and U+FEFF.</summary>
    public static bool IsSpace(char c) =>
        c is ' ' or (>= '\t' and <= '\r') or (>= '\u001c' and <= '\u001f') or '\u0085' or '\u00a0' or '\u1680' or (>= '\u2000' and <= '\u200a') or '\u2028' or '\u2029' or '\u202f' or '\u205f' or '\u3000';

    public static bool IsAllSpace(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!IsSpace(c))
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsPrintable(Rune rune) =>
        rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    public static string Trim(string text) => TrimStart(TrimEnd(text));

    public static string TrimStart(string text)
    {
        var start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }

    /// <summary>The number of code points.</summary>
    public static int Length(string text)
    {
        var length = text.Length;
        foreach (var c in text.AsSpan())
        {
            length -= char.IsLowSurrogate(c) ? 1 : 0;
        }

        return length;
    }

    public static IEnumerable<object?> Characters(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            var size = SizeAt(text, i);
            yield return text.Substring(i, size);
            i += size;
        }
    }

    /// <summary>Where the code point with this number starts, in UTF-16; the end of the text where it has fewer.</summary>
    public static int IndexOf(string text, int codePoint)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            return Math.Min(codePoint, text.Length);
        }

        var i = 0;
        for (; codePoint > 0 && i < text.Length; codePoint--)
        {
            i += SizeAt(text, i);
        }

        return i;
    }

    /// <summary>The number of the code point that starts at an index of UTF-16.</summary>
    public static int NumberOf(string text, int index) => Length(text[..index]);

    /// <summary>Python's order of strings: by code point.</summary>
    public static int Compare(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (a, b) = (left[common], right[common]);
        return char.IsSurrogate(a) != char.IsSurrogate(b) ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
    }

    public static string Repeat(string text, long times) => times <= 0 || text.Length == 0 ? "" : new StringBuilder().Insert(0, text, (int)times).ToString();

    /// <summary>Replaces from the left, at most so many times where <paramref name="most"/> is not negative. An empty <paramref name="old"/> stands between all code points.</summary>
    public static string Replace(string text, string old, string replacement, long most)
    {
        if (old.Length > 0 && most < 0)
        {
            return text.Replace(old, replacement, StringComparison.Ordinal);
        }

        var result = new StringBuilder(text.Length);
        var from = 0;
        var at = 0;
        for (long done = 0; done != most; done++)
        {
            if (old.Length == 0)
            {
                result.Append(replacement);
                if (at == text.Length)
                {
                    return result.ToString();
                }

                var size = SizeAt(text, at);
                result.Append(text, at, size);
                from = at += size;
                continue;
            }

            at = text.IndexOf(old, from, StringComparison.Ordinal);
            if (at < 0)
            {
                break;
            }

            result.Append(text, from, at - from).Append(replacement);
            from = at + old.Length;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>Python's <c>splitlines</c>, whose line ends are more than line feeds.</summary>
    public static List<string> Lines(string text, bool keepEnds)
    {
        var lines = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\n' or '\r' or '\v' or '\f' or '\u001c' or '\u001d' or '\u001e' or '\u0085' or '\u2028' or '\u2029'))
            {
                continue;
            }

            var end = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? i + 2 : i + 1;
            lines.Add(text[start..(keepEnds ? end : i)]);
            start = end;
            i = end - 1;
        }

        if (start < text.Length)
        {
            lines.Add(text[start..]);
        }

        return lines;
    }

    public static int SizeAt(string text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    public static string EscapeHtml(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal);
}
