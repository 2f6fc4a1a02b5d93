namespace DatasetBuild.Tokenization;

/// <summary>
/// What SentencePiece does to a text before it is cut: replaces by the longest key of the character map, collapses spaces, puts one before the text, and
/// writes them as a visible mark.
/// </summary>
internal sealed class SentencePieceNormalizer(SentencePieceFile model, ByteTrie userDefined)
{
    private static readonly byte[] Mark = [0xE2, 0x96, 0x81];

    private readonly byte[] _space = model.EscapeWhiteSpace ? Mark : [(byte)' '];

    /// <summary>The text, and for each of its bytes, and for its end, the place in the original that it came from.</summary>
    public (byte[] Bytes, int[] Places) Normalize(ReadOnlySpan<byte> text)
    {
        var consumed = 0;
        while (model.RemoveExtraWhiteSpace && consumed < text.Length && Prefix(text[consumed..], out var length).SequenceEqual(" "u8))
        {
            consumed += length;
        }

        if (consumed == text.Length)
        {
            return ([], [consumed]);
        }

        var (bytes, places) = (new List<byte>(text.Length + 8), new List<int>(text.Length + 8));
        if (model.AddDummyPrefix && !model.WhiteSpaceAsSuffix)
        {
            Append(_space, consumed);
        }

        var afterSpace = model.RemoveExtraWhiteSpace;
        while (consumed < text.Length)
        {
            var part = Prefix(text[consumed..], out var length);
            part = afterSpace ? part.TrimStart((byte)' ') : part;
            foreach (var b in part)
            {
                Append(b == ' ' ? _space : [b], consumed);
            }

            afterSpace = model.RemoveExtraWhiteSpace && (part.IsEmpty ? afterSpace : part[^1] == ' ');
            consumed += length;
            WorkLimit.Check(bytes.Count, text.Length);
        }

        while (model.RemoveExtraWhiteSpace && bytes.Count >= _space.Length && bytes[^_space.Length..].SequenceEqual(_space))
        {
            consumed = places[^_space.Length];
            bytes.RemoveRange(bytes.Count - _space.Length, _space.Length);
            places.RemoveRange(places.Count - _space.Length, _space.Length);
        }

        if (model.AddDummyPrefix && model.WhiteSpaceAsSuffix)
        {
            Append(_space, consumed);
        }

        places.Add(consumed);
        return ([.. bytes], [.. places]);

        void Append(ReadOnlySpan<byte> content, int place)
        {
            bytes.AddRange(content);
            places.AddRange(Enumerable.Repeat(place, content.Length));
        }
    }

    /// <summary>What the start of the text becomes, and how many bytes of it that is. A user-defined piece stays as it is.</summary>
    private ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> text, out int length)
    {
        length = userDefined.LongestPrefix(text, out _);
        if (length > 0)
        {
            return text[..length];
        }

        if (model.Map is not null && model.Map.FindLongest(text, out var replacement) is > 0 and var key)
        {
            length = key;
            return replacement;
        }

        length = Utf8Scalars.Length(text[0]);
        return text[..length];
    }
}
