using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>
/// What SentencePiece does to a text before it is cut: replaces by the longest key of the character map, collapses spaces, puts one before the text, and
/// writes them as a visible mark.
/// </summary>
internal sealed class SentencePieceNormalizer(SentencePieceFile model, ByteTrie userDefined)
{
    private static readonly byte[] Mark = [0xE2, 0x96, 0x81];

    private readonly byte[] _space = model.EscapeWhiteSpace ? Mark : [(byte)' '];
    private readonly SearchValues<byte> _userDefinedStarts = userDefined.Starts();
    private readonly bool[] _isPlain = [.. Enumerable.Range(0, 256).Select(b =>
        b is < 0x80 and not ' ' && userDefined.Child(ByteTrie.Root, (byte)b) < 0 && !(model.Map?.HasKeyWith((byte)b) ?? false))];

    /// <summary>What is put before a text.</summary>
    public ReadOnlySpan<byte> Before => model.AddDummyPrefix && !model.WhiteSpaceAsSuffix ? _space : [];

    /// <summary>Whether it is easily seen that a text comes out as it is with <see cref="Before"/>, and that a space behind it would not change that.</summary>
    public bool Keeps(ReadOnlySpan<byte> utf8) =>
        !utf8.IsEmpty && !utf8.Contains((byte)' ') && utf8.IndexOfAny(_userDefinedStarts) < 0 && utf8.IndexOf(Mark) < 0 && !(model.AddDummyPrefix && model.WhiteSpaceAsSuffix) && (model.Map?.KeepsOut(utf8) ?? true);

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

        var normalized = new PlacedBytes(text.Length + 8);
        if (model.AddDummyPrefix && !model.WhiteSpaceAsSuffix)
        {
            normalized.Append(_space, consumed);
        }

        var afterSpace = model.RemoveExtraWhiteSpace;
        while (consumed < text.Length)
        {
            // Most characters stand for themselves.
            if (text[consumed] is var b && _isPlain[b])
            {
                normalized.Append(b, consumed++);
                afterSpace = false;
                continue;
            }

            var part = Prefix(text[consumed..], out var length);
            part = afterSpace ? part.TrimStart((byte)' ') : part;
            foreach (var other in part)
            {
                if (other == ' ')
                {
                    normalized.Append(_space, consumed);
                }
                else
                {
                    normalized.Append(other, consumed);
                }
            }

            afterSpace = model.RemoveExtraWhiteSpace && (part.IsEmpty ? afterSpace : part[^1] == ' ');
            consumed += length;
            WorkLimit.Check(normalized.Count, text.Length);
        }

        while (model.RemoveExtraWhiteSpace && normalized.Bytes.EndsWith(_space))
        {
            consumed = normalized.RemoveLast(_space.Length);
        }

        if (model.AddDummyPrefix && model.WhiteSpaceAsSuffix)
        {
            normalized.Append(_space, consumed);
        }

        return (normalized.Bytes.ToArray(), [.. normalized.Places, consumed]);
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

/// <summary>Bytes, each with a place in the original.</summary>
internal sealed class PlacedBytes(int expected)
{
    private byte[] _bytes = new byte[expected];
    private int[] _places = new int[expected];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Count);

    public ReadOnlySpan<int> Places => _places.AsSpan(0, Count);

    public void Append(byte value, int place)
    {
        if (Count == _bytes.Length)
        {
            Array.Resize(ref _bytes, Count * 2);
            Array.Resize(ref _places, Count * 2);
        }

        _bytes[Count] = value;
        _places[Count++] = place;
    }

    public void Append(ReadOnlySpan<byte> values, int place)
    {
        foreach (var value in values)
        {
            Append(value, place);
        }
    }

    /// <summary>Takes bytes away at the end, and returns the place of the first of them.</summary>
    public int RemoveLast(int bytes)
    {
        Count -= bytes;
        return _places[Count];
    }
}
