using System.Globalization;
using System.Numerics;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Python's <c>format % values</c>.</summary>
internal static class PercentFormat
{
    /// <param name="rendering">The rendering.</param>
    /// <param name="format">The format.</param>
    /// <param name="values">A tuple for several, a dictionary for named ones, else the only one.</param>
    /// <param name="escape">Whether texts among the values are HTML-escaped.</param>
    public static string Apply(Rendering rendering, string format, object? values, bool escape)
    {
        var text = new StringBuilder();
        var positional = values is TupleValue tuple ? tuple.Items : [values];
        var used = 0;
        var named = values as DictValue;
        var hasNames = false;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            if (++i == format.Length)
            {
                throw JinjaError.Runtime("incomplete format");
            }

            if (format[i] == '%')
            {
                text.Append('%');
                continue;
            }

            string? name = null;
            if (format[i] == '(')
            {
                var depth = 1;
                var start = ++i;
                for (; i < format.Length && depth > 0; i++)
                {
                    depth += format[i] == '(' ? 1 : format[i] == ')' ? -1 : 0;
                }

                name = depth == 0 ? format[start..(i - 1)] : throw JinjaError.Runtime("incomplete format key");
                hasNames = true;
            }

            var flags = new HashSet<char>();
            for (; i < format.Length && format[i] is '#' or '0' or '-' or ' ' or '+'; i++)
            {
                flags.Add(format[i]);
            }

            var width = Number(format, ref i, Next);
            if (width < 0)
            {
                flags.Add('-');
                width = -width;
            }

            long precision = -1;
            if (i < format.Length && format[i] == '.')
            {
                i++;
                precision = Math.Max(0, Number(format, ref i, Next));
            }

            while (i < format.Length && format[i] is 'h' or 'l' or 'L')
            {
                i++;
            }

            if (i == format.Length)
            {
                throw JinjaError.Runtime("incomplete format");
            }

            var value = name is null ? Next() : named is null ? throw JinjaError.Runtime("format requires a mapping") : named.TryGet(name, out var found) ? found : throw JinjaError.Runtime($"KeyError: '{name}'");
            text.Append(One(rendering, format[i], value, flags, width, (int)Math.Min(precision, 1001), escape));
        }

        return used == positional.Length || hasNames || (named is not null && used == 0) || (values is ListValue && used == 0) ? text.ToString() : throw JinjaError.Runtime("not all arguments converted during string formatting");

        object? Next() => used < positional.Length ? positional[used++] : throw JinjaError.Runtime("not enough arguments for format string");
    }

    private static long Number(string format, ref int i, Func<object?> next)
    {
        if (i < format.Length && format[i] == '*')
        {
            i++;
            return next() is var given && Values.IsInteger(given, out var integer) ? (long)BigInteger.Clamp(integer, -int.MaxValue, int.MaxValue) : throw JinjaError.Runtime("* wants int");
        }

        var start = i;
        while (i < format.Length && char.IsAsciiDigit(format[i]))
        {
            i++;
        }

        return i == start ? 0 : i - start > 9 ? throw new JinjaError(JinjaFailure.Limit, "a width or precision of more than nine digits") : long.Parse(format.AsSpan(start, i - start), CultureInfo.InvariantCulture);
    }

    private static string One(Rendering rendering, char type, object? value, HashSet<char> flags, long width, int precision, bool escape)
    {
        if (precision > 1000 && type is not ('s' or 'r' or 'a' or 'c'))
        {
            throw new JinjaError(JinjaFailure.Limit, "a precision above 1000");
        }

        string head = "", body;
        switch (type)
        {
            case 's' or 'r' or 'a':
                body = type == 's' ? Spelling.Str(rendering, value) : Spelling.Repr(rendering, value);
                body = escape && value is not Markup ? PythonText.EscapeHtml(body) : body;
                body = precision >= 0 && precision <= 1000 ? body[..PythonText.IndexOf(body, precision)] : body;
                flags.Remove('0');
                break;
            case 'c':
                body = Values.IsInteger(value, out var code) && code >= 0 && code <= 0x10FFFF && Rune.IsValid((int)code) ? new Rune((int)code).ToString()
                    : Values.IsText(value, out var one) && PythonText.Length(one) == 1 ? one : throw JinjaError.Runtime("%c requires int or char");
                flags.Remove('0');
                break;
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                var integer = value is double d && type is 'd' or 'i' or 'u' && double.IsFinite((double)value) ? new BigInteger((double)value)
                    : Values.IsInteger(value, out var exact) ? exact
                    : throw (value as Undefined)?.Error() ?? JinjaError.Runtime($"%{type} format: a real number is required, not {Values.TypeName(value)}");
                var magnitude = BigInteger.Abs(integer);
                body = type switch { 'x' => FormatSpec.InRadix(magnitude, 16), 'X' => FormatSpec.InRadix(magnitude, 16).ToUpperInvariant(), 'o' => FormatSpec.InRadix(magnitude, 8), _ => Numbers.ToText(magnitude) };
                body = precision > body.Length ? body.PadLeft(precision, '0') : body;
                head = Sign(integer.Sign < 0) + (flags.Contains('#') ? type switch { 'x' => "0x", 'X' => "0X", 'o' => "0o", _ => "" } : "");
                break;
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                var number = Operators.IsNumber(value) ? Numbers.ToDouble(value!) : throw (value as Undefined)?.Error() ?? JinjaError.Runtime($"must be real number, not {Values.TypeName(value)}");
                var places = precision < 0 ? 6 : precision;
                body = type switch
                {
                    'e' or 'E' => FormatSpec.Exponential(Math.Abs(number), places),
                    'f' or 'F' => FormatSpec.Fixed(Math.Abs(number), places),
                    _ => FormatSpec.General(Math.Abs(number), places, keepsZeros: flags.Contains('#'), keepsPoint: false),
                };
                body = char.IsUpper(type) ? body.ToUpperInvariant() : body;
                head = Sign(double.IsNegative(number) && !double.IsNaN(number));
                break;
            default:
                throw JinjaError.Runtime($"unsupported format character '{type}'");
        }

        return flags.Contains('-') ? FormatSpec.Padded(rendering, head + body, width, " ", '<')
            : flags.Contains('0') ? head + FormatSpec.Padded(rendering, body, width - head.Length, "0", '>')
            : FormatSpec.Padded(rendering, head + body, width, " ", '>');

        string Sign(bool isNegative) => isNegative ? "-" : flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";
    }
}
