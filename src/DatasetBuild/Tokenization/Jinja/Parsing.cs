using System.Globalization;
using System.Numerics;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>How Python reads numbers: <c>int(value, base)</c> and <c>float(value)</c>; null where it would fail.</summary>
internal static class Parsing
{
    public static object? Integer(object? value, long radix)
    {
        if (Values.IsInteger(value, out var integer))
        {
            return Values.Normal(integer);
        }

        if (value is double d)
        {
            return double.IsFinite(d) ? Values.Normal(new BigInteger(Math.Truncate(d))) : null;
        }

        if (!Values.IsText(value, out var text) || radix is < 0 or 1 or > 36)
        {
            return null;
        }

        text = AsciiDigits(PythonText.Trim(text));
        var isNegative = text.StartsWith('-');
        var digits = isNegative || text.StartsWith('+') ? text[1..] : text;
        if (digits.Length > 1 && digits[0] == '0' && char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } is var prefix and > 0 && (radix == prefix || radix == 0))
        {
            (digits, radix) = (digits[2..], prefix);
            digits = digits.StartsWith('_') ? digits[1..] : digits;
        }
        else if (radix == 0)
        {
            if (digits.Length > 1 && digits[0] == '0' && digits.Trim('0', '_').Length > 0)
            {
                return null;
            }

            radix = 10;
        }

        if (digits.Length == 0 || digits.StartsWith('_') || digits.EndsWith('_') || digits.Contains("__", StringComparison.Ordinal))
        {
            return null;
        }

        digits = digits.Replace("_", "", StringComparison.Ordinal);
        if (digits.Any(digit => !char.IsAsciiLetterOrDigit(digit) || Digit(digit) >= radix) || digits.Length > 4300)
        {
            return null;
        }

        var parsed = Numbers.ParseDigits(digits, (int)radix);
        return Values.Normal(isNegative ? -parsed : parsed);
    }

    public static double? Float(object? value)
    {
        if (value is double d)
        {
            return d;
        }

        if (Values.IsInteger(value, out var integer))
        {
            return (double)integer is var converted && double.IsFinite(converted) ? converted : throw JinjaError.Runtime("int too large to convert to float");
        }

        if (!Values.IsText(value, out var text))
        {
            return null;
        }

        text = AsciiDigits(PythonText.Trim(text));
        if (text.StartsWith('_') || text.EndsWith('_') || text.Contains("__", StringComparison.Ordinal))
        {
            return null;
        }

        for (var i = text.IndexOf('_', StringComparison.Ordinal); i >= 0; i = text.IndexOf('_', StringComparison.Ordinal))
        {
            if (!char.IsAsciiDigit(text[i - 1]) || !char.IsAsciiDigit(text[i + 1]))
            {
                return null;
            }

            text = text.Remove(i, 1);
        }

        var sign = text.StartsWith('-') ? -1 : 1;
        var name = text.Length > 0 && text[0] is '-' or '+' ? text[1..] : text;
        return name.ToUpperInvariant() switch
        {
            "INF" or "INFINITY" => sign * double.PositiveInfinity,
            "NAN" => double.NaN,
            _ => name.Length > 0 && (char.IsAsciiDigit(name[0]) || name[0] == '.') && double.TryParse(name, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var parsed) ? sign * parsed : null,
        };
    }

    private static int Digit(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static string AsciiDigits(string text) =>
        text.All(char.IsAscii) ? text : string.Concat(text.Select(c => char.GetUnicodeCategory(c) == UnicodeCategory.DecimalDigitNumber ? (char)('0' + (int)char.GetNumericValue(c)) : c));
}
