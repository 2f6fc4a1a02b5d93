using System.Globalization;
using System.Numerics;
using System.Text;

namespace DatasetBuild.Tokenization.Jinja;

internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Text,
    Number,
    Operator,
    End,
}

/// <summary>A token of a template: its text, or for a literal its value.</summary>
internal readonly record struct JinjaToken(TokenKind Kind, string Text, object? Value, int Line)
{
    public bool IsOperator(string text) => Kind == TokenKind.Operator && Text == text;

    public bool IsName(string text) => Kind == TokenKind.Name && Text == text;

    public override string ToString() => Kind switch
    {
        TokenKind.End => "end of template",
        TokenKind.Data => "text",
        _ => Text,
    };
}

/// <summary>
/// Cuts a template into tokens, with the white space control of chat templates: <c>trim_blocks</c> (the line feed behind a block goes),
/// <c>lstrip_blocks</c> (the white space of a line before a block goes), and one trailing line feed of the source dropped.
/// </summary>
internal sealed class JinjaLexer
{
    private static readonly string[] Operators = ["**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly string source;
    private readonly List<JinjaToken> tokens = [];
    private int at;
    private int line = 1;
    private bool lineStarts = true;

    private JinjaLexer(string source)
    {
        var lines = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        this.source = lines.EndsWith('\n') ? lines[..^1] : lines;
    }

    public static IReadOnlyList<JinjaToken> Read(string source)
    {
        var lexer = new JinjaLexer(source);
        lexer.ReadAll();
        return lexer.tokens;
    }

    private void ReadAll()
    {
        while (at < source.Length)
        {
            var open = NextOpening();
            if (open < 0)
            {
                AddData(source[at..]);
                break;
            }

            var kind = source[open + 1];
            var sign = open + 2 < source.Length && source[open + 2] is '-' or '+' ? source[open + 2] : '\0';
            AddData(BeforeOpening(source[at..open], sign, kind != '{'));
            Advance(open + (sign == '\0' ? 2 : 3));
            if (kind == '#')
            {
                SkipComment();
            }
            else if (kind == '%' && RawBegins() is var behind and > 0)
            {
                Advance(behind);
                ReadRaw();
            }
            else
            {
                Add(kind == '{' ? TokenKind.VariableBegin : TokenKind.BlockBegin, source[open..(open + 2)]);
                ReadExpression(isBlock: kind == '%');
            }

            lineStarts = at > 0 && source[at - 1] == '\n';
        }

        Add(TokenKind.End, "");
    }

    private int NextOpening()
    {
        for (var i = source.IndexOf('{', at); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
        {
            if (source[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return -1;
    }

    private string BeforeOpening(string text, char sign, bool isBlock)
    {
        if (sign == '-')
        {
            return PythonText.TrimEnd(text);
        }

        if (sign == '+' || !isBlock)
        {
            return text;
        }

        var start = text.LastIndexOf('\n') + 1;
        return (start > 0 || lineStarts) && PythonText.IsAllSpace(text.AsSpan(start)) ? text[..start] : text;
    }

    /// <summary>Where the text of a raw block starts, if <c>raw %}</c> stands here; 0 otherwise.</summary>
    private int RawBegins()
    {
        var i = SkipSpace(at);
        if (!source.AsSpan(i).StartsWith("raw"))
        {
            return 0;
        }

        i = SkipSpace(i + 3);
        return source.AsSpan(i).StartsWith("-%}") ? SkipSpace(i + 3) : source.AsSpan(i).StartsWith("%}") ? i + 2 : 0;
    }

    private void ReadRaw()
    {
        lineStarts = source[at - 1] == '\n';
        for (var i = source.IndexOf("{%", at, StringComparison.Ordinal); i >= 0; i = source.IndexOf("{%", i + 1, StringComparison.Ordinal))
        {
            var sign = i + 2 < source.Length && source[i + 2] is '-' or '+' ? source[i + 2] : '\0';
            var name = SkipSpace(i + (sign == '\0' ? 2 : 3));
            if (source.AsSpan(name).StartsWith("endraw") && BlockEnd(SkipSpace(name + 6)) is var behind and > 0)
            {
                AddData(BeforeOpening(source[at..i], sign, isBlock: true));
                Advance(behind);
                return;
            }
        }

        throw Error("a raw block is not closed by {% endraw %}");
    }

    private void SkipComment()
    {
        for (var i = at; i + 1 < source.Length; i++)
        {
            var end = source[i] is '-' or '+' ? i + 1 : i;
            if (!source.AsSpan(end).StartsWith("#}"))
            {
                continue;
            }

            var behind = end + 2;
            Advance(source[i] == '-' ? SkipSpace(behind) : source[i] != '+' && behind < source.Length && source[behind] == '\n' ? behind + 1 : behind);
            return;
        }

        throw Error("a comment is not closed by #}");
    }

    /// <summary>Behind the end of a block that stands here, or 0.</summary>
    private int BlockEnd(int i)
    {
        var rest = source.AsSpan(i);
        return rest.StartsWith("-%}") ? SkipSpace(i + 3)
            : rest.StartsWith("+%}") ? i + 3
            : rest.StartsWith("%}\n") ? i + 3
            : rest.StartsWith("%}") ? i + 2 : 0;
    }

    private int VariableEnd(int i)
    {
        var rest = source.AsSpan(i);
        return rest.StartsWith("-}}") ? SkipSpace(i + 3) : rest.StartsWith("}}") ? i + 2 : 0;
    }

    private void ReadExpression(bool isBlock)
    {
        var open = new Stack<string>();
        while (at < source.Length)
        {
            var end = open.Count > 0 ? 0 : isBlock ? BlockEnd(at) : VariableEnd(at);
            if (end > 0)
            {
                Add(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, isBlock ? "%}" : "}}");
                Advance(end);
                return;
            }

            var c = source[at];
            if (PythonText.IsSpace(c))
            {
                Advance(at + 1);
            }
            else if (char.IsAsciiDigit(c))
            {
                ReadNumber();
            }
            else if (c is '"' or '\'')
            {
                ReadText(c);
            }
            else if (NameEnd(at) is var nameEnd && nameEnd > at)
            {
                Add(TokenKind.Name, source[at..nameEnd]);
                Advance(nameEnd);
            }
            else
            {
                ReadOperator(open);
            }
        }

        throw Error(isBlock ? "a block is not closed by %}" : "an expression is not closed by }}");
    }

    private void ReadOperator(Stack<string> open)
    {
        var text = Array.Find(Operators, candidate => source.AsSpan(at).StartsWith(candidate)) ?? throw Error($"unexpected character '{source[at]}'");
        if (text is "(" or "[" or "{")
        {
            open.Push(text is "(" ? ")" : text is "[" ? "]" : "}");
        }
        else if (text is ")" or "]" or "}" && (open.Count == 0 || open.Pop() != text))
        {
            throw Error($"unexpected '{text}'");
        }

        Add(TokenKind.Operator, text);
        Advance(at + text.Length);
    }

    private int NameEnd(int i)
    {
        while (i < source.Length && Rune.TryGetRuneAt(source, i, out var rune) && (rune.Value == '_' || Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
        {
            i += rune.Utf16SequenceLength;
        }

        return i;
    }

    private void ReadNumber()
    {
        var start = at;
        if (source[at] == '0' && at + 2 < source.Length && Radix(source[at + 1]) is var radix and > 0 && ReadDigits(at + 2, radix, out var value) is var behind && behind > at + 2)
        {
            Add(TokenKind.Number, source[start..behind], Values.Normal(value));
            Advance(behind);
            return;
        }

        var end = ReadDigits(at, 10, out value);
        var afterPoint = start > 0 && source[start - 1] == '.';
        var isFloat = false;
        if (!afterPoint)
        {
            if (end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]))
            {
                isFloat = true;
                end = ReadDigits(end + 1, 10, out _);
            }

            if (end < source.Length && source[end] is 'e' or 'E')
            {
                var digits = end + (end + 1 < source.Length && source[end + 1] is '+' or '-' ? 2 : 1);
                if (digits < source.Length && char.IsAsciiDigit(source[digits]))
                {
                    isFloat = true;
                    end = ReadDigits(digits, 10, out _);
                }
            }
        }

        if (!isFloat && source[start] == '0' && !value.IsZero)
        {
            // 012 is a zero and then a number, as the reference reads it.
            end = start + 1;
            value = 0;
        }

        var text = source[start..end];
        Add(TokenKind.Number, text, isFloat ? double.Parse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) : Values.Normal(value));
        Advance(end);
    }

    private static int Radix(char c) => c switch { 'x' or 'X' => 16, 'o' or 'O' => 8, 'b' or 'B' => 2, _ => 0 };

    private int ReadDigits(int i, int radix, out BigInteger value)
    {
        var digits = new StringBuilder();
        while (i < source.Length && (IsDigit(source[i]) || (source[i] == '_' && i + 1 < source.Length && IsDigit(source[i + 1]))))
        {
            if (source[i] != '_')
            {
                digits.Append(source[i]);
            }

            i++;
        }

        value = digits.Length > 4300 ? throw Error("a number of more than 4300 digits") : Numbers.ParseDigits(digits.ToString(), radix);
        return i;

        bool IsDigit(char c) => char.IsAsciiHexDigit(c) && Convert.ToInt32(c.ToString(), 16) < radix;
    }

    private void ReadText(char quote)
    {
        var i = at + 1;
        while (i < source.Length && source[i] != quote)
        {
            i += source[i] == '\\' ? 2 : 1;
        }

        if (i >= source.Length)
        {
            throw Error("a string is not closed");
        }

        var text = Escapes.Resolve(source[(at + 1)..i], message => Error(message));
        Add(TokenKind.Text, source[at..(i + 1)], text);
        Advance(i + 1);
    }

    private int SkipSpace(int i)
    {
        while (i < source.Length && PythonText.IsSpace(source[i]))
        {
            i++;
        }

        return i;
    }

    private void Advance(int to)
    {
        line += source.AsSpan(at, to - at).Count('\n');
        at = to;
    }

    private void AddData(string text)
    {
        if (text.Length > 0)
        {
            Add(TokenKind.Data, text);
        }
    }

    private void Add(TokenKind kind, string text, object? value = null) => tokens.Add(new JinjaToken(kind, text, value, line));

    private JinjaError Error(string message) => new(JinjaFailure.Syntax, message, line);
}
