using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Filters on numbers and texts.</summary>
internal static partial class Filters
{
    /// <summary>What may not stand in the name of an attribute of XML.</summary>
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" \t\n\r\f\v/>=");

    private static readonly string[] Sizes = ["k", "M", "G", "T", "P", "E", "Z", "Y"];

    private static object Abs(object? value) => value switch
    {
        double d => Math.Abs(d),
        Undefined undefined => throw undefined.Error(),
        _ when Values.IsInteger(value, out var integer) => Values.Normal(BigInteger.Abs(integer)),
        _ => throw JinjaError.Runtime($"bad operand type for abs(): '{Values.TypeName(value)}'"),
    };

    private static object? ToInteger(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("int", 1, "value", "default", "base");
        if (bound[0] is Undefined undefined)
        {
            throw undefined.Error();
        }

        return Parsing.Integer(bound[0], bound.Integer(2, 10)) ?? (Parsing.Float(bound[0]) is { } number && double.IsFinite(number) ? Values.Normal(new BigInteger(number)) : bound.Has(1) ? bound[1] : 0L);
    }

    private static object? ToFloat(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("float", 1, "value", "default");
        return bound[0] is Undefined undefined ? throw undefined.Error() : Parsing.Float(bound[0]) ?? (bound.Has(1) ? bound[1] : 0.0);
    }

    private static object? Round(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("round", 1, "value", "precision", "method");
        var precision = (int)Math.Clamp(bound.Integer(1, 0), -400, 400);
        var method = bound.Text(2, "common");
        var value = bound[0] is Undefined undefined ? throw undefined.Error() : Operators.IsNumber(bound[0]) ? bound[0]! : throw JinjaError.Runtime($"type {Values.TypeName(bound[0])} doesn't define __round__ method");
        if (method == "common")
        {
            return value is double d ? Rounded(d, precision) : RoundedInteger(value, precision);
        }

        var scaled = Numbers.ToDouble(Numbers.Multiply(value, Numbers.Power(10L, (long)precision)));
        var whole = method switch { "ceil" => Math.Ceiling(scaled), "floor" => Math.Floor(scaled), _ => throw JinjaError.Runtime("method must be common, ceil or floor") };
        return double.IsFinite(whole) ? Numbers.Divide(Values.Normal(new BigInteger(whole)), Numbers.Power(10L, (long)precision)) : throw JinjaError.Runtime("cannot convert float infinity or NaN to integer");
    }

    /// <summary>To the nearest decimal of the exact value, ties to even, as Python rounds.</summary>
    private static double Rounded(double value, int digits)
    {
        if (!double.IsFinite(value) || digits > 323)
        {
            return value;
        }

        if (digits < 0)
        {
            var scale = BigInteger.Pow(10, Math.Min(-digits, 400));
            return (double)(RoundedQuotient(new BigInteger(Math.Truncate(value)), scale, hasRest: !double.IsInteger(value)) * scale);
        }

        return double.Parse(FormatSpec.Fixed(value, digits), CultureInfo.InvariantCulture);
    }

    private static object RoundedInteger(object value, int digits)
    {
        Values.IsInteger(value, out var integer);
        var scale = digits < 0 ? BigInteger.Pow(10, -digits) : BigInteger.One;
        return Values.Normal(RoundedQuotient(integer, scale, hasRest: false) * scale);
    }

    private static BigInteger RoundedQuotient(BigInteger value, BigInteger scale, bool hasRest)
    {
        var quotient = BigInteger.DivRem(BigInteger.Abs(value), scale, out var remainder);
        var order = (remainder * 2).CompareTo(scale);
        quotient += order > 0 || (order == 0 && (hasRest || !quotient.IsEven)) ? 1 : 0;
        return value.Sign < 0 ? -quotient : quotient;
    }

    private static string FileSize(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("filesizeformat", 1, "value", "binary");
        var bytes = Parsing.Float(bound[0]) ?? throw JinjaError.Runtime("could not convert the value to a number");
        var unit = bound.IsTrue(1) ? 1024.0 : 1000.0;
        if (bytes < unit)
        {
            return bytes == 1 ? "1 Byte" : $"{Spelling.Str(rendering, Values.Normal(new BigInteger(bytes)))} Bytes";
        }

        var power = 0;
        while (power < Sizes.Length - 1 && bytes >= Math.Pow(unit, power + 2))
        {
            power++;
        }

        return $"{FormatSpec.Fixed(unit * bytes / Math.Pow(unit, power + 2), 1)} {Sizes[power]}{(bound.IsTrue(1) ? "iB" : "B")}".Replace("kiB", "KiB", StringComparison.Ordinal);
    }

    private static object Indent(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("indent", 1, "s", "width", "first", "blank");
        var text = bound.Text(0);
        var width = Values.IsText(bound[1], out var given) ? given : PythonText.Repeat(" ", Math.Clamp(bound.Integer(1, 4), 0, 1 << 20));
        var isMarked = bound[0] is Markup;
        var lines = PythonText.Lines(text + "\n", keepEnds: false);
        rendering.Make(text.Length + ((long)width.Length * lines.Count));
        var indented = new StringBuilder(bound.IsTrue(2) ? width : "");
        for (var i = 0; i < lines.Count; i++)
        {
            indented.Append(i == 0 ? "" : "\n").Append(i > 0 && (bound.IsTrue(3) || lines[i].Length > 0) ? width : "").Append(lines[i]);
        }

        return isMarked ? new Markup(indented.ToString()) : indented.ToString();
    }

    private static object? Truncate(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("truncate", 1, "s", "length", "killwords", "end", "leeway");
        var text = bound.Text(0);
        var (length, end, leeway) = (bound.Integer(1, 255), bound.Text(3, "..."), bound[4] is null ? 5 : bound.Integer(4));
        var endLength = PythonText.Length(end);
        if (length < endLength || leeway < 0)
        {
            throw JinjaError.Runtime($"expected length >= {endLength}, got {length}");
        }

        if (PythonText.Length(text) <= length + leeway)
        {
            return bound[0];
        }

        var kept = text[..PythonText.IndexOf(text, (int)(length - endLength))];
        var space = kept.LastIndexOf(' ');
        var cut = (bound.IsTrue(2) || space < 0 ? kept : kept[..space]) + (bound[0] is Markup && bound[3] is not Markup ? PythonText.EscapeHtml(end) : end);
        return bound[0] is Markup ? new Markup(cut) : cut;
    }

    /// <summary>Each word with a first letter in upper case; words begin behind white space, hyphens and opening brackets.</summary>
    private static string TitleWords(string text) => string.Concat(WordBeginnings().Split(text).Where(piece => piece.Length > 0).Select(piece =>
    {
        var size = PythonText.SizeAt(piece, 0);
        return Casing.Upper(piece[..size]) + Casing.Lower(piece[size..]);
    }));

    private static string UrlEncode(Rendering rendering, CallArguments arguments)
    {
        var value = arguments.Bind("urlencode", 1, "value")[0];
        if (Values.IsText(value, out _) || Values.Items(value) is null)
        {
            return Quoted(Spelling.Str(rendering, value), "/");
        }

        var pairs = value is DictValue dict ? dict.Pairs.Select(pair => new TupleValue(pair.Key, pair.Value)) : Items(value);
        return string.Join('&', pairs.Select(pair => Items(pair).ToList() is [var key, var content]
            ? $"{Quoted(Spelling.Str(rendering, key), "")}={Quoted(Spelling.Str(rendering, content), "")}".Replace("%20", "+", StringComparison.Ordinal)
            : throw JinjaError.Runtime("urlencode needs pairs")));

        string Quoted(string text, string safe)
        {
            var quoted = new StringBuilder();
            foreach (var b in Encoding.UTF8.GetBytes(text))
            {
                if (char.IsAsciiLetterOrDigit((char)b) || "_.-~".Contains((char)b, StringComparison.Ordinal) || safe.Contains((char)b, StringComparison.Ordinal))
                {
                    quoted.Append((char)b);
                }
                else
                {
                    quoted.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
                }
            }

            return rendering.Made(quoted.ToString());
        }
    }

    private static string XmlAttributes(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("xmlattr", 1, "d", "autospace");
        var pairs = (bound[0] as DictValue ?? throw JinjaError.TypeOf(bound[0], "object has no attribute 'items'")).Pairs.Where(pair => pair.Value is not (null or Undefined)).Select(pair =>
        {
            var name = Values.IsText(pair.Key, out var text) && text.AsSpan().IndexOfAny(NotInNames) < 0 ? text : throw JinjaError.Runtime($"Invalid character in attribute name: {Spelling.Repr(rendering, pair.Key)}");
            var value = pair.Value is Markup marked ? marked.Text : PythonText.EscapeHtml(Spelling.Str(rendering, pair.Value));
            return $"{PythonText.EscapeHtml(name)}=\"{value}\"";
        });
        var attributes = rendering.Made(string.Join(' ', pairs));
        return attributes.Length > 0 && (!bound.Has(1) || bound.IsTrue(1)) ? " " + attributes : attributes;
    }

    private static Markup StripTags(Rendering rendering, CallArguments arguments)
    {
        var text = Spelling.Str(rendering, arguments.Bind("striptags", 1, "value")[0]);
        text = TagsRemoved(TagsRemoved(text, "<!--", "-->"), "<", ">");
        var words = new StringBuilder();
        foreach (var word in TextMethods.Words(text))
        {
            words.Append(words.Length > 0 ? " " : "").Append(word);
        }

        return new Markup(System.Net.WebUtility.HtmlDecode(words.ToString()));
    }

    private static string TagsRemoved(string text, string open, string close)
    {
        var rest = new StringBuilder();
        var from = 0;
        for (var start = text.IndexOf(open, StringComparison.Ordinal); start >= 0; start = text.IndexOf(open, from, StringComparison.Ordinal))
        {
            var end = text.IndexOf(close, start, StringComparison.Ordinal);
            if (end < 0)
            {
                break;
            }

            rest.Append(text, from, start - from);
            from = end + close.Length;
        }

        return rest.Append(text, from, text.Length - from).ToString();
    }

    [GeneratedRegex(@"\w+")]
    private static partial Regex Words();

    [GeneratedRegex(@"([-\s({\[<]+)")]
    private static partial Regex WordBeginnings();
}
