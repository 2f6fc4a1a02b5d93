using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace DatasetBuild.Records;

/// <summary>The small pieces of JSON text that the record readers need on the hot path.</summary>
internal static class JsonText
{
    /// <summary>Deep enough for every real record, shallow enough that hostile nesting is refused at once.</summary>
    public static readonly JsonReaderOptions Strict = new() { MaxDepth = 128 };

    /// <summary>What may not stand in a string as it is: the quote, the backslash, and the control characters.</summary>
    public static readonly SearchValues<byte> Escaped = SearchValues.Create("\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f"u8);

    /// <summary>White space as JSON has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    /// <summary>How much white space there is before the first value.</summary>
    public static int LeadingSpace(ReadOnlySpan<byte> json)
    {
        var at = 0;
        while (at < json.Length && IsSpace(json[at]))
        {
            at++;
        }

        return at;
    }

    public static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> json)
    {
        var length = json.Length;
        while (length > 0 && IsSpace(json[length - 1]))
        {
            length--;
        }

        return json[..length];
    }

    /// <summary>Without white space at both ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> json) => TrimEnd(json[LeadingSpace(json)..]);

    /// <summary>
    /// Resolves the escapes of a string's raw bytes into <paramref name="utf8"/>, which is at least as long; <paramref name="at"/> is where
    /// <paramref name="raw"/> starts in the record, for the error.
    /// </summary>
    /// <exception cref="InvalidRecordException">A surrogate escape stands alone.</exception>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> utf8, int at)
    {
        int read = 0, written = 0;
        while (true)
        {
            var plain = raw[read..].IndexOf((byte)'\\');
            if (plain < 0)
            {
                raw[read..].CopyTo(utf8[written..]);
                return written + raw.Length - read;
            }

            raw.Slice(read, plain).CopyTo(utf8[written..]);
            read += plain;
            written += plain;
            var escape = raw[read + 1];
            if (escape == 'u')
            {
                var rune = UnescapeRune(raw[read..], at + read, out var consumed);
                written += rune.EncodeToUtf8(utf8[written..]);
                read += consumed;
                continue;
            }

            utf8[written++] = escape switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'t' => (byte)'\t',
                (byte)'r' => (byte)'\r',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                _ => escape,
            };
            read += 2;
        }
    }

    /// <summary>Writes a text as a JSON string, quotes included; only quotes, backslashes and control characters are escaped.</summary>
    public static void Escape(ReadOnlySpan<byte> utf8, IBufferWriter<byte> json)
    {
        json.Write("\""u8);
        while (utf8.IndexOfAny(Escaped) is var plain and >= 0)
        {
            json.Write(utf8[..plain]);
            var c = utf8[plain];
            json.Write(c switch
            {
                (byte)'"' => "\\\""u8,
                (byte)'\\' => @"\\"u8,
                (byte)'\n' => @"\n"u8,
                (byte)'\r' => @"\r"u8,
                (byte)'\t' => @"\t"u8,
                (byte)'\b' => @"\b"u8,
                (byte)'\f' => @"\f"u8,
                _ => [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', (byte)('0' + (c >> 4)), (byte)"0123456789abcdef"[c & 15]],
            });
            utf8 = utf8[(plain + 1)..];
        }

        json.Write(utf8);
        json.Write("\""u8);
    }

    /// <summary>Copies JSON without the white space between its tokens. <paramref name="compact"/> is at least as long.</summary>
    public static int Minify(ReadOnlySpan<byte> json, Span<byte> compact)
    {
        int read = 0, written = 0;
        while (read < json.Length)
        {
            var c = json[read];
            if (c == '"')
            {
                var end = read + 1;
                while (json[end] != '"')
                {
                    end += json[end] == '\\' ? 2 : 1;
                }

                json[read..(end + 1)].CopyTo(compact[written..]);
                written += end + 1 - read;
                read = end + 1;
                continue;
            }

            if (c is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                compact[written++] = c;
            }

            read++;
        }

        return written;
    }

    /// <summary>The same JSON without line breaks between its tokens; the same bytes where there are none.</summary>
    public static ReadOnlySpan<byte> OnOneLine(ReadOnlySpan<byte> json)
    {
        if (json.IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            return json;
        }

        var compact = new byte[json.Length];
        return compact.AsSpan(0, Minify(json, compact));
    }

    /// <summary>Whether <paramref name="json"/> is one complete JSON value.</summary>
    public static bool IsValid(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Strict);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <exception cref="InvalidRecordException">A byte is not UTF-8; the offset is its place.</exception>
    public static void RequireUtf8(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            var at = FirstInvalidByte(json);
            throw new InvalidRecordException(DataCodes.InvalidUtf8, at, $"the byte 0x{json[at]:x2} is not UTF-8. Save the file as UTF-8.");
        }
    }

    /// <param name="json">What stands on a line or in an array.</param>
    /// <param name="remedy">A sentence: what is expected of it.</param>
    /// <exception cref="InvalidRecordException">It is no JSON object in UTF-8; the offset is the place of the first mistake.</exception>
    public static void RequireObject(ReadOnlySpan<byte> json, string remedy)
    {
        RequireUtf8(json);
        if (!IsValid(json))
        {
            throw JsonSyntax.Explain(json);
        }

        if (json[0] != '{')
        {
            throw new InvalidRecordException(DataCodes.InvalidJson, 0, $"this is not a JSON object. {remedy}");
        }
    }

    private static int FirstInvalidByte(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var consumed) == OperationStatus.Done)
        {
            at += consumed;
        }

        return at;
    }

    private static Rune UnescapeRune(ReadOnlySpan<byte> raw, int at, out int consumed)
    {
        var first = CodeUnit(raw);
        consumed = 6;
        if (!char.IsSurrogate(first))
        {
            return new Rune(first);
        }

        if (char.IsHighSurrogate(first) && raw.Length >= 12 && raw[6] == '\\' && raw[7] == 'u')
        {
            var second = CodeUnit(raw[6..]);
            if (char.IsLowSurrogate(second))
            {
                consumed = 12;
                return new Rune(first, second);
            }
        }

        throw new InvalidRecordException(
            DataCodes.LoneSurrogate, at, $"the escape \\u{(int)first:x4} is half of a surrogate pair: it stands for no character. Write the whole pair, or the character itself.");
    }

    private static char CodeUnit(ReadOnlySpan<byte> escape) =>
        Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out var used, 'x') && used == 4 ? (char)unit : throw new FormatException();
}
