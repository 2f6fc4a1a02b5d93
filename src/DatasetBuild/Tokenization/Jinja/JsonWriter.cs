using System.Globalization;
using System.Numerics;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>The filter <c>tojson</c>: Python's <c>json.dumps</c> as chat templates are given it, without HTML escapes and, by default, without escapes for what is not ASCII.</summary>
internal sealed class JsonWriter(Rendering rendering, bool ascii, string? indent, string itemSeparator, string keySeparator, bool sortKeys)
{
    private readonly StringBuilder json = new();

    public static string Write(Rendering rendering, CallArguments arguments)
    {
        var bound = arguments.Bind("tojson", 1, "x", "ensure_ascii", "indent", "separators", "sort_keys");
        var indent = bound[2] switch
        {
            null => null,
            var count when Values.IsInteger(count, out var spaces) => PythonText.Repeat(" ", (long)BigInteger.Clamp(spaces, 0, 1000)),
            _ => bound.Text(2),
        };
        var (item, key) = (indent is null ? ", " : ",", ": ");
        if (bound[3] is { } separators)
        {
            (item, key) = Values.Items(separators)?.ToList() is [var first, var second] && Values.IsText(first, out var i) && Values.IsText(second, out var k) ? (i, k) : throw JinjaError.Runtime("separators must be two strings");
        }

        var writer = new JsonWriter(rendering, bound.IsTrue(1), indent, item, key, bound.IsTrue(4));
        writer.Write(bound[0], 0);
        return writer.json.ToString();
    }

    private void Write(object? value, int level)
    {
        rendering.Step();
        var before = json.Length;
        switch (value)
        {
            case null:
                json.Append("null");
                break;
            case bool b:
                json.Append(b ? "true" : "false");
                break;
            case double d:
                json.Append(NumberText(d));
                break;
            case long or BigInteger:
                json.Append(Spelling.Str(rendering, value));
                break;
            case string or Markup:
                WriteText(Spelling.Str(rendering, value));
                break;
            case ListValue list:
                WriteAll('[', list.Items, ']', level, Write);
                return;
            case TupleValue tuple:
                WriteAll('[', tuple.Items, ']', level, Write);
                return;
            case DictValue dict:
                WriteAll('{', Sorted(dict), '}', level, WritePair);
                return;
            default:
                throw JinjaError.Runtime($"Object of type {Values.TypeName(value)} is not JSON serializable");
        }

        rendering.Make(json.Length - before);
    }

    private void WriteAll<T>(char open, IReadOnlyList<T> items, char close, int level, Action<T, int> write)
    {
        json.Append(open);
        rendering.Enter();
        for (var i = 0; i < items.Count; i++)
        {
            json.Append(i == 0 ? "" : itemSeparator);
            BreakLine(level + 1);
            write(items[i], level + 1);
        }

        rendering.Leave();
        if (items.Count > 0)
        {
            BreakLine(level);
        }

        json.Append(close);
    }

    private void WritePair(KeyValuePair<object?, object?> pair, int level)
    {
        WriteText(KeyText(pair.Key));
        json.Append(keySeparator);
        Write(pair.Value, level);
    }

    private void BreakLine(int level)
    {
        if (indent is null)
        {
            return;
        }

        rendering.Make(1 + ((long)indent.Length * level));
        json.Append('\n').Insert(json.Length, indent, level);
    }

    private string KeyText(object? key) => key switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        double d => NumberText(d),
        string or Markup or long or BigInteger => Spelling.Str(rendering, key),
        _ => throw JinjaError.Runtime($"keys must be str, int, float, bool or None, not {Values.TypeName(key)}"),
    };

    private IReadOnlyList<KeyValuePair<object?, object?>> Sorted(DictValue dict)
    {
        if (!sortKeys)
        {
            return dict.Pairs;
        }

        return PythonSort.Sorted(rendering, dict.Pairs, pair => pair.Key, isReversed: false);
    }

    private static string NumberText(double number) =>
        double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? (number > 0 ? "Infinity" : "-Infinity") : Numbers.ToText(number);

    private void WriteText(string text)
    {
        rendering.Make(text.Length);
        json.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    json.Append('\\').Append(c);
                    break;
                case '\n':
                    json.Append("\\n");
                    break;
                case '\r':
                    json.Append("\\r");
                    break;
                case '\t':
                    json.Append("\\t");
                    break;
                case '\b':
                    json.Append("\\b");
                    break;
                case '\f':
                    json.Append("\\f");
                    break;
                default:
                    if (c < ' ' || (ascii && c > '~'))
                    {
                        json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    }
                    else
                    {
                        json.Append(c);
                    }

                    break;
            }
        }

        json.Append('"');
    }
}
