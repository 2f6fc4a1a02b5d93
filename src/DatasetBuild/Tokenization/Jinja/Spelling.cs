using System.Globalization;
using System.Numerics;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>How Python writes values: <c>str</c> for what is printed, <c>repr</c> for what stands inside another value.</summary>
internal static class Spelling
{
    public static string Str(Rendering rendering, object? value) => value switch
    {
        string text => text,
        Markup markup => markup.Text,
        Undefined => "",
        long integer => integer.ToString(CultureInfo.InvariantCulture),
        _ => Repr(rendering, value),
    };

    public static string Repr(Rendering rendering, object? value)
    {
        var text = new StringBuilder();
        Write(rendering, value, text);
        return text.ToString();
    }

    private static void Write(Rendering rendering, object? value, StringBuilder text)
    {
        var before = text.Length;
        switch (value)
        {
            case null:
                text.Append("None");
                break;
            case bool b:
                text.Append(b ? "True" : "False");
                break;
            case long integer:
                text.Append(integer);
                break;
            case BigInteger integer:
                text.Append(Numbers.ToText(integer));
                break;
            case double number:
                text.Append(Numbers.ToText(number));
                break;
            case string s:
                WriteQuoted(s, text);
                break;
            case Markup markup:
                text.Append("Markup(");
                WriteQuoted(markup.Text, text);
                text.Append(')');
                break;
            case Undefined:
                text.Append("Undefined");
                break;
            case ListValue list:
                WriteItems(rendering, "[", list.Items, "]", text);
                break;
            case TupleValue tuple:
                WriteItems(rendering, "(", tuple.Items, tuple.Items.Length == 1 ? ",)" : ")", text);
                break;
            case DictValue dict:
                WritePairs(rendering, dict.Pairs, text);
                break;
            case RangeValue range:
                text.Append(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}{(range.Step == 1 ? "" : $", {range.Step}")})");
                break;
            case ViewValue view:
                text.Append("dict_").Append(view.Kind).Append('(');
                WriteItems(rendering, "[", view.Items(), "]", text);
                text.Append(')');
                break;
            case NamespaceValue space:
                text.Append("<Namespace ");
                WritePairs(rendering, [.. space.Attributes.Select(pair => new KeyValuePair<object?, object?>(pair.Key, pair.Value))], text);
                text.Append('>');
                break;
            case LoopValue loop:
                text.Append(CultureInfo.InvariantCulture, $"<LoopContext {loop.Index0 + 1}/{loop.Length}>");
                break;
            case CallableValue { Spelling: { } spelling }:
                text.Append(spelling);
                break;
            default:
                throw JinjaError.Unsupported($"to print a {Values.TypeName(value)}: Python writes its address in memory, which is another one in each run");
        }

        rendering.Make(text.Length - before);
    }

    private static void WriteItems(Rendering rendering, string open, IEnumerable<object?> items, string close, StringBuilder text)
    {
        rendering.Enter();
        text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            text.Append(isFirst ? "" : ", ");
            isFirst = false;
            Write(rendering, item, text);
        }

        text.Append(close);
        rendering.Leave();
    }

    private static void WritePairs(Rendering rendering, IReadOnlyList<KeyValuePair<object?, object?>> pairs, StringBuilder text)
    {
        rendering.Enter();
        text.Append('{');
        for (var i = 0; i < pairs.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            Write(rendering, pairs[i].Key, text);
            text.Append(": ");
            Write(rendering, pairs[i].Value, text);
        }

        text.Append('}');
        rendering.Leave();
    }

    private static void WriteQuoted(string value, StringBuilder text)
    {
        var quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == quote || c == '\\')
            {
                text.Append('\\').Append(c);
            }
            else if (c is '\n' or '\r' or '\t')
            {
                text.Append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
            }
            else if (c is >= ' ' and < '\u007f')
            {
                text.Append(c);
            }
            else if (Rune.TryGetRuneAt(value, i, out var rune) && PythonText.IsPrintable(rune))
            {
                text.Append(value, i, rune.Utf16SequenceLength);
                i += rune.Utf16SequenceLength - 1;
            }
            else
            {
                var code = rune.Value > 0xFFFF ? rune.Value : c;
                text.Append(code <= 0xFF ? $"\\x{code:x2}" : code <= 0xFFFF ? $"\\u{code:x4}" : $"\\U{code:x8}");
                i += code > 0xFFFF ? 1 : 0;
            }
        }

        text.Append(quote);
    }
}
