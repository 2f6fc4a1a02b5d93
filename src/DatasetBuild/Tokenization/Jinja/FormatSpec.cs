using System.Globalization;
using System.Numerics;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Python's <c>format(value, spec)</c>: <c>[[fill]align][sign][z][#][0][width][grouping][.precision][type]</c>.</summary>
internal sealed class FormatSpec
{
    private const int MaxPrecision = 1000;

    private string fill = " ";
    private char align;
    private char sign = '-';
    private bool isAlternate;
    private long width;
    private char grouping;
    private int precision = -1;
    private char type;

    public static string Apply(Rendering rendering, object? value, string spec)
    {
        if (spec.Length == 0)
        {
            return Spelling.Str(rendering, value);
        }

        var format = Parse(spec);
        return value switch
        {
            string or Markup => format.OfText(rendering, Spelling.Str(rendering, value)),
            double number => format.OfFloat(rendering, number),
            _ when Values.IsInteger(value, out var integer) => format.type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%' ? format.OfFloat(rendering, Numbers.ToDouble(value!)) : format.OfInteger(rendering, integer),
            _ => throw JinjaError.Runtime($"unsupported format string passed to {Values.TypeName(value)}.__format__"),
        };
    }

    /// <summary>A decimal with so many places, rounded from the exact value, ties to even.</summary>
    public static string Fixed(double value, int places)
    {
        if (!double.IsFinite(value))
        {
            return Numbers.ToText(value);
        }

        var digits = Scaled(Math.Abs(value), places).ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        return $"{(double.IsNegative(value) ? "-" : "")}{digits[..^places]}{(places > 0 ? "." : "")}{digits[^places..]}";
    }

    /// <summary>Fills a text up to a width in code points: &lt; left, &gt; right, ^ in the middle, c in the middle as <c>str.center</c> has it.</summary>
    public static string Padded(Rendering rendering, string text, long width, string fill, char align)
    {
        var missing = width - PythonText.Length(text);
        if (missing <= 0)
        {
            return text;
        }

        rendering.Make(missing * fill.Length);
        var left = align switch { '<' => 0, '>' => missing, '^' => missing / 2, _ => (missing / 2) + (missing & width & 1) };
        return PythonText.Repeat(fill, left) + text + PythonText.Repeat(fill, missing - left);
    }

    /// <summary>A decimal with an exponent, rounded from the exact value to so many significant digits.</summary>
    public static (string Digits, int Exponent) Significant(double value, int digits)
    {
        if (value == 0)
        {
            return (new string('0', digits), 0);
        }

        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        for (var guess = exponent - 1; ; guess++)
        {
            var text = Scaled(Math.Abs(value), digits - 1 - guess).ToString(CultureInfo.InvariantCulture);
            if (text.Length <= digits)
            {
                return (text, guess);
            }

            if (guess > exponent + 1)
            {
                throw new InvalidOperationException("no exponent fits");
            }
        }
    }

    /// <summary>value x 10^places as an integer, ties to even.</summary>
    private static BigInteger Scaled(double value, int places)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = new BigInteger((bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52));
        var shift = (exponent == 0 ? 1 : exponent) - 1075;
        var (numerator, denominator) = (mantissa, BigInteger.One);
        (numerator, denominator) = shift >= 0 ? (numerator << shift, denominator) : (numerator, denominator << -shift);
        (numerator, denominator) = places >= 0 ? (numerator * BigInteger.Pow(10, places), denominator) : (numerator, denominator * BigInteger.Pow(10, -places));
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        var order = (remainder * 2).CompareTo(denominator);
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static FormatSpec Parse(string spec)
    {
        var format = new FormatSpec();
        var i = 0;
        var fillSize = PythonText.SizeAt(spec, 0);
        if (spec.Length > fillSize && spec[fillSize] is '<' or '>' or '=' or '^')
        {
            format.fill = spec[..fillSize];
            format.align = spec[fillSize];
            i = fillSize + 1;
        }
        else if (spec[0] is '<' or '>' or '=' or '^')
        {
            format.align = spec[i++];
        }

        if (i < spec.Length && spec[i] is '+' or '-' or ' ')
        {
            format.sign = spec[i++];
        }

        if (i < spec.Length && spec[i] == '#')
        {
            format.isAlternate = true;
            i++;
        }

        if (i < spec.Length && spec[i] == '0')
        {
            i++;
            if (format.align == '\0')
            {
                (format.fill, format.align) = ("0", '=');
            }
        }

        format.width = Number();
        if (i < spec.Length && spec[i] is ',' or '_')
        {
            format.grouping = spec[i++];
        }

        if (i < spec.Length && spec[i] == '.')
        {
            i++;
            var start = i;
            var digits = Number();
            format.precision = i == start ? throw JinjaError.Runtime("Format specifier missing precision") : digits <= MaxPrecision ? (int)digits : throw new JinjaError(JinjaFailure.Limit, $"a precision above {MaxPrecision}");
        }

        if (i < spec.Length)
        {
            format.type = spec[i++];
        }

        return i == spec.Length ? format : throw JinjaError.Runtime($"Invalid format specifier '{spec}'");

        long Number()
        {
            var start = i;
            while (i < spec.Length && char.IsAsciiDigit(spec[i]))
            {
                i++;
            }

            return i == start ? 0 : i - start > 9 ? throw new JinjaError(JinjaFailure.Limit, "a width or precision of more than nine digits") : long.Parse(spec.AsSpan(start, i - start), CultureInfo.InvariantCulture);
        }
    }

    private string OfText(Rendering rendering, string text)
    {
        if (type is not ('\0' or 's') || sign != '-' || isAlternate || grouping != '\0' || (align == '=' && fill != "0"))
        {
            throw JinjaError.Runtime($"Unknown format code '{(type == '\0' ? '=' : type)}' for object of type 'str'");
        }

        var cut = precision >= 0 ? text[..PythonText.IndexOf(text, precision)] : text;
        return Padded(rendering, cut, width, fill, align is '\0' or '=' ? '<' : align);
    }

    private string OfInteger(Rendering rendering, BigInteger value)
    {
        if (precision >= 0)
        {
            throw JinjaError.Runtime("Precision not allowed in integer format specifier");
        }

        var magnitude = BigInteger.Abs(value);
        var (digits, prefix) = type switch
        {
            '\0' or 'd' or 'n' => (Numbers.ToText(magnitude), ""),
            'b' => (InRadix(magnitude, 2), "0b"),
            'o' => (InRadix(magnitude, 8), "0o"),
            'x' => (InRadix(magnitude, 16), "0x"),
            'X' => (InRadix(magnitude, 16).ToUpperInvariant(), "0X"),
            'c' when value >= 0 && value <= 0x10FFFF && Rune.IsValid((int)value) => (new Rune((int)value).ToString(), ""),
            _ => throw JinjaError.Runtime($"Unknown format code '{type}' for object of type 'int'"),
        };
        return Whole(rendering, value.Sign < 0, isAlternate ? prefix : "", digits, "", type is 'b' or 'o' or 'x' or 'X' ? 4 : 3);
    }

    private string OfFloat(Rendering rendering, double value)
    {
        var isNegative = double.IsNegative(value) && !double.IsNaN(value);
        var text = type switch
        {
            '\0' when precision < 0 => Numbers.ToText(Math.Abs(value)),
            '\0' => General(Math.Abs(value), precision, isAlternate, keepsPoint: true),
            'f' or 'F' => Fixed(Math.Abs(value), precision < 0 ? 6 : precision),
            'e' or 'E' => Exponential(Math.Abs(value), precision < 0 ? 6 : precision),
            'g' or 'G' or 'n' => General(Math.Abs(value), precision < 0 ? 6 : precision, isAlternate, keepsPoint: false),
            '%' => Fixed(Math.Abs(value) * 100, precision < 0 ? 6 : precision) + "%",
            _ => throw JinjaError.Runtime($"Unknown format code '{type}' for object of type 'float'"),
        };
        text = type is 'E' or 'F' or 'G' ? text.ToUpperInvariant() : text;
        var whole = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length;
        return Whole(rendering, isNegative, "", text[..whole], text[whole..], 3);
    }

    /// <summary>Sign, prefix, grouped digits, the rest, filled up to the width.</summary>
    private string Whole(Rendering rendering, bool isNegative, string prefix, string digits, string rest, int group)
    {
        var head = (isNegative ? "-" : sign == '-' ? "" : sign.ToString()) + prefix;
        if (align == '=' && fill == "0" && grouping != '\0')
        {
            while (head.Length + Grouped(digits, group).Length + rest.Length < width)
            {
                rendering.Make(1);
                digits = "0" + digits;
            }
        }

        var body = (grouping == '\0' ? digits : Grouped(digits, group)) + rest;
        return align == '=' ? head + Padded(rendering, body, width - head.Length, fill, '>') : Padded(rendering, head + body, width, fill, align == '\0' ? '>' : align);
    }

    private string Grouped(string digits, int size)
    {
        var grouped = new StringBuilder();
        for (var i = 0; i < digits.Length; i++)
        {
            if (i > 0 && (digits.Length - i) % size == 0)
            {
                grouped.Append(grouping);
            }

            grouped.Append(digits[i]);
        }

        return grouped.ToString();
    }

    /// <summary>As C's <c>%e</c>.</summary>
    public static string Exponential(double value, int places)
    {
        if (!double.IsFinite(value))
        {
            return Numbers.ToText(value);
        }

        var (digits, exponent) = Significant(value, places + 1);
        return $"{digits[0]}{(places > 0 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
    }

    /// <summary>As C's <c>%g</c>: so many significant digits, no zeros at the end, an exponent where the number is very large or small.</summary>
    public static string General(double value, int digits, bool keepsZeros, bool keepsPoint)
    {
        if (!double.IsFinite(value))
        {
            return Numbers.ToText(value);
        }

        digits = Math.Max(digits, 1);
        var (_, exponent) = Significant(value, digits);
        var isExponential = exponent < -4 || exponent >= (keepsPoint ? digits - 1 : digits);
        var text = isExponential ? Exponential(value, digits - 1) : Fixed(value, Math.Max(0, digits - 1 - exponent));
        var tail = text.IndexOf('e', StringComparison.Ordinal) is var at and >= 0 ? text[at..] : "";
        var head = text[..^tail.Length];
        if (!keepsZeros && head.Contains('.', StringComparison.Ordinal))
        {
            head = head.TrimEnd('0').TrimEnd('.');
        }

        return keepsPoint && tail.Length == 0 && !head.Contains('.', StringComparison.Ordinal) ? head + ".0" : head + tail;
    }

    public static string InRadix(BigInteger value, int radix)
    {
        var digits = new StringBuilder();
        for (; !value.IsZero; value /= radix)
        {
            digits.Insert(0, "0123456789abcdef"[(int)(value % radix)]);
            if (digits.Length > 100_000)
            {
                throw new JinjaError(JinjaFailure.Limit, "an integer of more than 100000 digits");
            }
        }

        return digits.Length == 0 ? "0" : digits.ToString();
    }
}
