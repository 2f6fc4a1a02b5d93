namespace DatasetBuild.Tokenization;

/// <summary>
/// The alphabet in which GPT-2's vocabularies write bytes: visible Latin-1 characters stand for themselves, the other 68 bytes for U+0100
/// and what follows, in order.
/// </summary>
internal static class ByteLevelAlphabet
{
    private static readonly short[] ByteOf = Build();
    private static readonly char[] CharacterOf = Invert();

    /// <summary>The bytes that a written token stands for, or null if a character is not of the alphabet.</summary>
    public static byte[]? Decode(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (token[i] >= ByteOf.Length || ByteOf[token[i]] < 0)
            {
                return null;
            }

            bytes[i] = (byte)ByteOf[token[i]];
        }

        return bytes;
    }

    /// <summary>The character in which a byte is written.</summary>
    public static char Encode(byte value) => CharacterOf[value];

    /// <summary>Bytes as they are written.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> written = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            written[i] = Encode(bytes[i]);
        }

        return new string(written);
    }

    private static char[] Invert()
    {
        var characters = new char[256];
        for (var character = 0; character < ByteOf.Length; character++)
        {
            if (ByteOf[character] >= 0)
            {
                characters[ByteOf[character]] = (char)character;
            }
        }

        return characters;
    }

    private static short[] Build()
    {
        var table = new short[256 + 68];
        Array.Fill(table, (short)-1);
        var next = 256;
        for (short b = 0; b < 256; b++)
        {
            var visible = b is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            table[visible ? b : next++] = b;
        }

        return table;
    }
}
