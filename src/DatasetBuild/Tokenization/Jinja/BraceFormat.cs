using System.Globalization;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Python's <c>str.format</c>, in the sandbox's manner: attributes that start with an underscore do not exist.</summary>
internal static class BraceFormat
{
    /// <param name="rendering">The rendering.</param>
    /// <param name="format">The format.</param>
    /// <param name="arguments">What its fields name.</param>
    /// <param name="escape">Whether texts among the values are HTML-escaped.</param>
    public static string Apply(Rendering rendering, string format, CallArguments arguments, bool escape = false)
    {
        var next = 0;
        return Apply(format, 2);

        string Apply(string format, int depth)
        {
            if (depth == 0)
            {
                throw JinjaError.Runtime("Max string recursion exceeded");
            }

            var text = new StringBuilder();
            for (var i = 0; i < format.Length; i++)
            {
                var c = format[i];
                if (c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c)
                {
                    text.Append(c);
                    i++;
                }
                else if (c == '}')
                {
                    throw JinjaError.Runtime("Single '}' encountered in format string");
                }
                else if (c == '{')
                {
                    var end = End(format, i);
                    text.Append(Field(format[(i + 1)..end], depth));
                    i = end;
                }
                else
                {
                    text.Append(c);
                }
            }

            return text.ToString();
        }

        string Field(string field, int depth)
        {
            var (name, conversion, spec) = Parts(field);
            var value = Find(name);
            value = conversion switch
            {
                "" => value,
                "s" => Spelling.Str(rendering, value),
                "r" or "a" => Spelling.Repr(rendering, value),
                _ => throw JinjaError.Runtime($"Unknown conversion specifier {conversion}"),
            };
            spec = spec.Contains('{', StringComparison.Ordinal) ? Apply(spec, depth - 1) : spec;
            var text = FormatSpec.Apply(rendering, value, spec);
            return rendering.Made(escape && value is not Markup ? PythonText.EscapeHtml(text) : text);
        }

        object? Find(string name)
        {
            var firstEnd = name.AsSpan().IndexOfAny('.', '[') is var at and >= 0 ? at : name.Length;
            var first = name[..firstEnd];
            object? value;
            if (first.Length == 0 || first.All(char.IsAsciiDigit))
            {
                var number = first.Length == 0 ? next++ : first.Length < 9 ? int.Parse(first, CultureInfo.InvariantCulture) : int.MaxValue;
                value = number < arguments.Positional.Count ? arguments.Positional[number] : throw JinjaError.Runtime("Replacement index out of range for positional args tuple");
            }
            else
            {
                var found = arguments.Named.Where(pair => pair.Key == first).ToList();
                value = found.Count > 0 ? found[0].Value : throw JinjaError.Runtime($"KeyError: '{first}'");
            }

            for (var i = firstEnd; i < name.Length;)
            {
                var isItem = name[i] == '[';
                var end = isItem ? name.IndexOf(']', i) : name.AsSpan(i + 1).IndexOfAny('.', '[') is var dot and >= 0 ? i + 1 + dot : name.Length;
                var part = end > i ? name[(i + 1)..end] : throw JinjaError.Runtime("expected '}' before end of string");
                value = isItem ? Lookup.Item(value, part.Length > 0 && part.All(char.IsAsciiDigit) ? long.Parse(part, CultureInfo.InvariantCulture) : part) : Lookup.Attribute(value, part);
                i = end + (isItem ? 1 : 0);
            }

            return value;
        }
    }

    private static int End(string format, int start)
    {
        var depth = 0;
        for (var i = start; i < format.Length; i++)
        {
            depth += format[i] == '{' ? 1 : format[i] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        throw JinjaError.Runtime("expected '}' before end of string");
    }

    private static (string Name, string Conversion, string Spec) Parts(string field)
    {
        var inBrackets = false;
        for (var i = 0; i < field.Length; i++)
        {
            inBrackets = field[i] == '[' || (inBrackets && field[i] != ']');
            if (inBrackets)
            {
                continue;
            }

            if (field[i] == ':')
            {
                return (field[..i], "", field[(i + 1)..]);
            }

            if (field[i] == '!')
            {
                var colon = field.IndexOf(':', i);
                return (field[..i], field[(i + 1)..(colon < 0 ? field.Length : colon)], colon < 0 ? "" : field[(colon + 1)..]);
            }
        }

        return (field, "", "");
    }
}
