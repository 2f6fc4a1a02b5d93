using System.Text.Json;

namespace DatasetBuild.Records;

/// <summary>
/// Reads JSON token by token as <see cref="Utf8JsonReader"/> does, strictly (RFC 8259, no comments, no trailing commas, nesting up to
/// <see cref="MaxDepth"/>), but leaps over the insides of strings with vector instructions, which is where a conversation's bytes are. It says only
/// that something is wrong; the reader of the framework is then asked what, and where. UTF-8 is checked elsewhere.
/// </summary>
internal ref struct JsonScanner
{
    public const int MaxDepth = 128;

    private readonly ReadOnlySpan<byte> json;
    private ulong isObject; // one bit for each open container, the innermost lowest
    private ulong isObjectFurtherOut; // the bits that were shifted out of it: a UInt128 would keep the methods that use it from being compiled ahead of time
    private int depth;
    private Expect expect;
    private int at;

    public JsonScanner(ReadOnlySpan<byte> json)
    {
        this.json = json;
        expect = Expect.Value;
    }

    private enum Expect : byte
    {
        /// <summary>A value: at the start, behind a name, behind a comma of an array.</summary>
        Value,

        /// <summary>Behind '[': a value or the end.</summary>
        ValueOrEnd,

        /// <summary>Behind '{': a name or the end.</summary>
        NameOrEnd,

        /// <summary>Behind a value inside a container: a comma or the end.</summary>
        CommaOrEnd,

        /// <summary>Behind the one value: nothing.</summary>
        Nothing,
    }

    public JsonTokenType TokenType { get; private set; }

    /// <summary>Where the token starts; for a string or a name, at its quote.</summary>
    public int TokenStartIndex { get; private set; }

    /// <summary>Where the token ends; for a name, behind its colon.</summary>
    public readonly int BytesConsumed => at;

    /// <summary>The token's bytes; for a string or a name, what is between the quotes, escapes unresolved.</summary>
    public ReadOnlySpan<byte> ValueSpan { get; private set; }

    public bool ValueIsEscaped { get; private set; }

    /// <summary>Moves to the next token; false behind the last.</summary>
    /// <exception cref="JsonException">The bytes are not JSON; the exception does not say why.</exception>
    public bool Read()
    {
        var c = SkipWhiteSpace();
        if (expect == Expect.Nothing)
        {
            return c < 0 ? false : throw new JsonException();
        }

        if (expect == Expect.CommaOrEnd)
        {
            if (c != ',')
            {
                return End(c);
            }

            at++;
            c = SkipWhiteSpace();
            return (isObject & 1) != 0 ? ReadName(c) : ReadValue(c);
        }

        return (expect, c) switch
        {
            (Expect.NameOrEnd, '}') or (Expect.ValueOrEnd, ']') => End(c),
            (Expect.NameOrEnd, _) => ReadName(c),
            _ => ReadValue(c),
        };
    }

    /// <summary>Moves to the end of the value that starts here: from a name to the end of its value, from '{' or '[' to its partner.</summary>
    public void Skip()
    {
        if (TokenType == JsonTokenType.PropertyName)
        {
            Read();
        }

        if (TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var outside = depth - 1;
            while (depth > outside && Read())
            {
            }
        }
    }

    private bool ReadName(int c)
    {
        if (c != '"')
        {
            throw new JsonException();
        }

        ReadString(JsonTokenType.PropertyName);
        if (SkipWhiteSpace() != ':')
        {
            throw new JsonException();
        }

        at++;
        expect = Expect.Value;
        return true;
    }

    private bool ReadValue(int c)
    {
        switch (c)
        {
            case '"':
                ReadString(JsonTokenType.String);
                break;
            case '{':
                return Begin(JsonTokenType.StartObject, Expect.NameOrEnd, 1);
            case '[':
                return Begin(JsonTokenType.StartArray, Expect.ValueOrEnd, 0);
            case 't':
                ReadLiteral("true"u8, JsonTokenType.True);
                break;
            case 'f':
                ReadLiteral("false"u8, JsonTokenType.False);
                break;
            case 'n':
                ReadLiteral("null"u8, JsonTokenType.Null);
                break;
            default:
                ReadNumber();
                break;
        }

        expect = depth == 0 ? Expect.Nothing : Expect.CommaOrEnd;
        return true;
    }

    private bool Begin(JsonTokenType token, Expect next, uint bit)
    {
        if (depth == MaxDepth)
        {
            throw new JsonException();
        }

        isObjectFurtherOut = (isObjectFurtherOut << 1) | (isObject >> 63);
        isObject = (isObject << 1) | bit;
        depth++;
        Token(token, at, 1);
        expect = next;
        return true;
    }

    private bool End(int c)
    {
        var closesObject = c == '}';
        if ((!closesObject && c != ']') || closesObject != ((isObject & 1) != 0))
        {
            throw new JsonException();
        }

        isObject = (isObject >> 1) | (isObjectFurtherOut << 63);
        isObjectFurtherOut >>= 1;
        depth--;
        Token(closesObject ? JsonTokenType.EndObject : JsonTokenType.EndArray, at, 1);
        expect = depth == 0 ? Expect.Nothing : Expect.CommaOrEnd;
        return true;
    }

    private void ReadString(JsonTokenType token)
    {
        var start = at + 1;
        var end = start;
        var escaped = false;
        while (true)
        {
            var plain = json[end..].IndexOfAny(JsonText.Escaped);
            if (plain < 0)
            {
                throw new JsonException();
            }

            end += plain;
            if (json[end] == '"')
            {
                break;
            }

            escaped = true;
            end += EscapeLength(json[end..]);
        }

        TokenType = token;
        TokenStartIndex = at;
        ValueSpan = json[start..end];
        ValueIsEscaped = escaped;
        at = end + 1;
    }

    /// <summary>The length of the escape that starts here: 2, or 6 for a code unit. A control character is no escape.</summary>
    private static int EscapeLength(ReadOnlySpan<byte> escape)
    {
        if (escape.Length >= 2 && escape[0] == '\\')
        {
            switch (escape[1])
            {
                case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                    return 2;
                case (byte)'u' when escape.Length >= 6
                    && char.IsAsciiHexDigit((char)escape[2])
                    && char.IsAsciiHexDigit((char)escape[3])
                    && char.IsAsciiHexDigit((char)escape[4])
                    && char.IsAsciiHexDigit((char)escape[5]):
                    return 6;
            }
        }

        throw new JsonException();
    }

    private void ReadLiteral(ReadOnlySpan<byte> literal, JsonTokenType token)
    {
        if (!json[at..].StartsWith(literal))
        {
            throw new JsonException();
        }

        Token(token, at, literal.Length);
    }

    private void ReadNumber()
    {
        var end = at;
        end += Peek(end) == '-' ? 1 : 0;
        end += Peek(end) == '0' ? 1 : Digits(end);
        if (Peek(end) == '.')
        {
            end += 1 + Digits(end + 1);
        }

        if (Peek(end) is 'e' or 'E')
        {
            end += Peek(end + 1) is '+' or '-' ? 2 : 1;
            end += Digits(end);
        }

        Token(JsonTokenType.Number, at, end - at);
    }

    /// <summary>How many digits stand here; at least one.</summary>
    private readonly int Digits(int from)
    {
        var to = from;
        while (Peek(to) is >= '0' and <= '9')
        {
            to++;
        }

        return to > from ? to - from : throw new JsonException();
    }

    private readonly int Peek(int place) => place < json.Length ? json[place] : -1;

    private void Token(JsonTokenType token, int start, int length)
    {
        TokenType = token;
        TokenStartIndex = start;
        ValueSpan = json.Slice(start, length);
        ValueIsEscaped = false;
        at = start + length;
    }

    private int SkipWhiteSpace()
    {
        while (at < json.Length)
        {
            var c = json[at];
            if (!JsonText.IsSpace(c))
            {
                return c;
            }

            at++;
        }

        return -1;
    }
}
