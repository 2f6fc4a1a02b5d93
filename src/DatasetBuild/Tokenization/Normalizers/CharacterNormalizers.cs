namespace DatasetBuild.Tokenization;

/// <summary>Turns each character by itself into another one, into several, or into nothing.</summary>
internal abstract class CharacterNormalizer : INormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        var bytes = text.Bytes;
        var same = LengthOfUnchanged(bytes);
        if (same == bytes.Length)
        {
            return text;
        }

        var builder = new AlignedText.Builder(text);
        builder.Copy(new TextRange(0, same));
        for (var i = same; i < bytes.Length;)
        {
            var code = Utf8Scalars.Decode(bytes, i, out var length);
            Append(code, text.Origins[i], builder);
            i += length;
        }

        return builder.Build();
    }

    public bool Keeps(ReadOnlySpan<byte> utf8) => LengthOfUnchanged(utf8) == utf8.Length;

    protected abstract bool IsUnchanged(int code);

    protected abstract void Append(int code, int origin, AlignedText.Builder builder);

    private int LengthOfUnchanged(ReadOnlySpan<byte> utf8)
    {
        var same = 0;
        while (same < utf8.Length && IsUnchanged(Utf8Scalars.Decode(utf8, same, out var length)))
        {
            same += length;
        }

        return same;
    }
}

/// <summary>Lower-cases each character by itself, so a sigma at the end of a word is like any other.</summary>
internal sealed class LowercaseNormalizer : CharacterNormalizer
{
    public static void AppendLower(int code, int origin, AlignedText.Builder builder)
    {
        builder.Append(UnicodeTables.ToLower(code), origin);
        if (code == 0x130)
        {
            // The one character whose lower case is two: i and the dot that the capital has.
            builder.Append(0x307, origin);
        }
    }

    protected override bool IsUnchanged(int code) => UnicodeTables.ToLower(code) == code;

    protected override void Append(int code, int origin, AlignedText.Builder builder) => AppendLower(code, origin, builder);
}

/// <summary>Removes the characters of a set.</summary>
internal sealed class RemovingNormalizer(CodePointSet removed) : CharacterNormalizer
{
    protected override bool IsUnchanged(int code) => !removed.Contains(code);

    protected override void Append(int code, int origin, AlignedText.Builder builder)
    {
        if (!removed.Contains(code))
        {
            builder.Append(code, origin);
        }
    }
}

/// <summary>Nmt: removes control characters and turns others, most of them invisible, into spaces.</summary>
internal sealed class NmtNormalizer : CharacterNormalizer
{
    protected override bool IsUnchanged(int code) => Map(code) == code;

    protected override void Append(int code, int origin, AlignedText.Builder builder)
    {
        if (Map(code) is >= 0 and var mapped)
        {
            builder.Append(mapped, origin);
        }
    }

    private static int Map(int code) => code switch
    {
        (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F => -1,
        0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD => ' ',
        _ => code,
    };
}

/// <summary>ByteLevel: writes each byte in the alphabet of bytes.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        var builder = new AlignedText.Builder(text);
        AppendAlphabet(text, new TextRange(0, text.Length), builder);
        return builder.Build();
    }

    public static void AppendAlphabet(AlignedText text, TextRange range, AlignedText.Builder builder)
    {
        for (var i = range.Start; i < range.End; i++)
        {
            builder.Append(ByteLevelAlphabet.Encode(text.Bytes[i]), text.Origins[i]);
        }
    }
}
