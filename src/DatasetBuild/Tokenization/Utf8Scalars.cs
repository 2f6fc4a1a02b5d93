namespace DatasetBuild.Tokenization;

/// <summary>
/// Steps through valid UTF-8 by Unicode scalar values. Patterns and counters work on scalar values, never on UTF-16 units,
/// so that an emoji is one character to them as it is to the tokenizers they follow.
/// </summary>
internal static class Utf8Scalars
{
    /// <summary>The scalar value that starts at <paramref name="index"/>, and how many bytes it takes (1 to 4).</summary>
    public static int Decode(ReadOnlySpan<byte> utf8, int index, out int length)
    {
        int lead = utf8[index];
        if (lead < 0x80)
        {
            length = 1;
            return lead;
        }

        if (lead < 0xE0)
        {
            length = 2;
            return ((lead & 0x1F) << 6) | (utf8[index + 1] & 0x3F);
        }

        if (lead < 0xF0)
        {
            length = 3;
            return ((lead & 0x0F) << 12) | ((utf8[index + 1] & 0x3F) << 6) | (utf8[index + 2] & 0x3F);
        }

        length = 4;
        return ((lead & 0x07) << 18) | ((utf8[index + 1] & 0x3F) << 12) | ((utf8[index + 2] & 0x3F) << 6) | (utf8[index + 3] & 0x3F);
    }

    /// <summary>How many bytes the character has that starts with this byte.</summary>
    public static int Length(byte lead) => lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    /// <summary>The number of scalar values: each has exactly one byte that is not a continuation byte.</summary>
    public static int Count(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var b in utf8)
        {
            count += (b & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }

    /// <summary>The scalar value that ends right before <paramref name="end"/> (which is above 0), and where it starts.</summary>
    public static int DecodeBefore(ReadOnlySpan<byte> utf8, int end, out int start)
    {
        start = StartOf(utf8, end - 1);
        return Decode(utf8, start, out _);
    }

    /// <summary>Where the character starts that a byte is of.</summary>
    public static int StartOf(ReadOnlySpan<byte> utf8, int index)
    {
        while (index > 0 && (utf8[index] & 0xC0) == 0x80)
        {
            index--;
        }

        return index;
    }

    /// <summary>Writes one scalar value as 1 to 4 bytes and returns how many.</summary>
    public static int Encode(int scalar, Span<byte> output)
    {
        if (scalar < 0x80)
        {
            output[0] = (byte)scalar;
            return 1;
        }

        if (scalar < 0x800)
        {
            output[0] = (byte)(0xC0 | (scalar >> 6));
            output[1] = (byte)(0x80 | (scalar & 0x3F));
            return 2;
        }

        if (scalar < 0x10000)
        {
            output[0] = (byte)(0xE0 | (scalar >> 12));
            output[1] = (byte)(0x80 | ((scalar >> 6) & 0x3F));
            output[2] = (byte)(0x80 | (scalar & 0x3F));
            return 3;
        }

        output[0] = (byte)(0xF0 | (scalar >> 18));
        output[1] = (byte)(0x80 | ((scalar >> 12) & 0x3F));
        output[2] = (byte)(0x80 | ((scalar >> 6) & 0x3F));
        output[3] = (byte)(0x80 | (scalar & 0x3F));
        return 4;
    }
}
