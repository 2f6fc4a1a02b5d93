namespace DatasetBuild.Tokenization;

/// <summary>
/// How many tokens the longer words have that one thread met: a line of 64 bytes each with the word, its length and the count. Of two words with the same
/// line the younger stays. For one thread at a time.
/// </summary>
internal sealed class LongWords
{
    /// <summary>Bytes of the longest word that has a line.</summary>
    public const int LongestWord = LineSize - 2;

    private const int LineSize = 64;
    private const int LengthPlace = LineSize - 2;
    private const int CountPlace = LineSize - 1;
    private const int FirstLineBits = 6;
    private const int LastLineBits = 13;
    private const int GrowthBits = 2;

    private byte[] _lines = new byte[LineSize << FirstLineBits];
    private int _lineBits = FirstLineBits;
    private int _entered;

    /// <summary>The number of tokens of a word of at most <see cref="LongestWord"/> bytes.</summary>
    public int Count(ReadOnlySpan<byte> word, IPieceCounter counter)
    {
        var line = Line(word);
        if (line[LengthPlace] == word.Length && line[..word.Length].SequenceEqual(word))
        {
            return line[CountPlace];
        }

        var count = counter.Count(word);
        if (count is > 0 and <= byte.MaxValue)
        {
            Enter(word, (byte)count);
        }

        return count;
    }

    private void Enter(ReadOnlySpan<byte> word, byte count)
    {
        if (_entered++ > 1 << _lineBits && _lineBits < LastLineBits)
        {
            Grow();
        }

        var line = Line(word);
        word.CopyTo(line);
        (line[LengthPlace], line[CountPlace]) = ((byte)word.Length, count);
    }

    /// <summary>A table starts small, for texts that are few, and moves to a larger one while words keep coming.</summary>
    private void Grow()
    {
        var lines = _lines;
        _lineBits = Math.Min(_lineBits + GrowthBits, LastLineBits);
        _lines = new byte[LineSize << _lineBits];
        for (var start = 0; start < lines.Length; start += LineSize)
        {
            if (lines[start + LengthPlace] is > 0 and var length)
            {
                lines.AsSpan(start, LineSize).CopyTo(Line(lines.AsSpan(start, length)));
            }
        }
    }

    private Span<byte> Line(ReadOnlySpan<byte> word) => _lines.AsSpan((int)(ByteHash.Of(word) >> (64 - _lineBits)) * LineSize, LineSize);
}
