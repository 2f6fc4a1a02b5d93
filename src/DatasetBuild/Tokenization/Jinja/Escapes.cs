using System.Globalization;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>The escapes of Python's string literals.</summary>
internal static class Escapes
{
    public static string Resolve(string literal, Func<string, JinjaError> error)
    {
        if (!literal.Contains('\\', StringComparison.Ordinal))
        {
            return literal;
        }

        var text = new StringBuilder();
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] != '\\' || i + 1 == literal.Length)
            {
                text.Append(literal[i]);
                continue;
            }

            var escape = literal[++i];
            switch (escape)
            {
                case '\n':
                    break;
                case '\\' or '\'' or '"':
                    text.Append(escape);
                    break;
                case >= '0' and <= '7':
                    var end = i + 1;
                    while (end < literal.Length && end < i + 3 && literal[end] is >= '0' and <= '7')
                    {
                        end++;
                    }

                    text.Append((char)Convert.ToInt32(literal[i..end], 8));
                    i = end - 1;
                    break;
                case 'x' or 'u' or 'U':
                    var digits = escape switch { 'x' => 2, 'u' => 4, _ => 8 };
                    if (i + digits >= literal.Length || !int.TryParse(literal.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || (uint)code > 0x10FFFF)
                    {
                        throw error($"the escape \\{escape} of a string needs {digits} hexadecimal digits of a code point");
                    }

                    text.Append(code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32(code));
                    i += digits;
                    break;
                case 'N':
                    throw error("the escape \\N{…} of a string, a character by its name, is not supported: write the character itself");
                default:
                    var at = "abfnrtv".IndexOf(escape, StringComparison.Ordinal);
                    text.Append(at >= 0 ? "\a\b\f\n\r\t\v"[at].ToString() : $"\\{escape}");
                    break;
            }
        }

        return text.ToString();
    }
}
