using System.Globalization;
using System.Text;

namespace DatasetBuild.Reporting;

/// <summary>
/// Makes text from data safe to show: what a terminal would obey (control characters) or a reader would be misled by (marks that turn the writing
/// direction) is shown by its number instead.
/// </summary>
internal static class Visible
{
    public static string Of(string text)
    {
        if (!text.Any(NeedsEscape))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text, i))
            {
                shown.Append(text, i++, 2);
            }
            else if (NeedsEscape(text[i]))
            {
                shown.Append(text[i] switch
                {
                    '\n' => @"\n",
                    '\r' => @"\r",
                    '\t' => @"\t",
                    var c => string.Create(CultureInfo.InvariantCulture, $@"\u{(int)c:x4}"),
                });
            }
            else
            {
                shown.Append(text[i]);
            }
        }

        return shown.ToString();
    }

    /// <summary>The same for a text whose line breaks are meant, such as a table.</summary>
    public static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => Of(line.TrimEnd('\r'))));

    /// <summary>At most <paramref name="length"/> characters of it, the cut marked.</summary>
    public static string Start(string text, int length)
    {
        if (text.Length <= length)
        {
            return Of(text);
        }

        var end = char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
        return Of(text[..end]) + "…";
    }

    private static bool NeedsEscape(char c) =>
        char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' or '\u061c' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
