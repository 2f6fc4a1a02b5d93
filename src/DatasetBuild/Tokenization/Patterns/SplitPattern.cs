namespace DatasetBuild.Tokenization;

/// <summary>
/// How a tokenizer cuts text into the pieces that byte pairs are merged in. A pattern covers the whole text: each piece starts where the
/// one before ended. Scanners are written by hand for each published pattern, because a general regex engine would match UTF-16 units
/// and could backtrack without bound; each visits a byte a small constant number of times.
/// </summary>
internal abstract class SplitPattern
{
    protected const uint LetterOrNumber = UnicodeClasses.Letter | UnicodeClasses.Number;
    protected const uint NotOther = LetterOrNumber | UnicodeClasses.WhiteSpace;

    /// <summary>The name of the pattern, as it stands in identities.</summary>
    public abstract string Name { get; }

    /// <summary>The end of the piece that starts at <paramref name="start"/>, which lies before the end of the text.</summary>
    public abstract int PieceEnd(ReadOnlySpan<byte> text, int start);

    /// <summary>
    /// Cuts on from <paramref name="start"/>, where a piece starts, and writes the ends of the pieces in order until the text ends or
    /// <paramref name="ends"/>, which has room for more than 64, is nearly full.
    /// </summary>
    /// <returns>How many ends were written: none only at the end of the text.</returns>
    public virtual int Split(ReadOnlySpan<byte> text, int start, Span<int> ends)
    {
        var written = 0;
        while (start < text.Length && written < ends.Length)
        {
            ends[written++] = start = PieceEnd(text, start);
        }

        return written;
    }

    protected static uint ClassesAt(ReadOnlySpan<byte> text, int index, out int length) =>
        UnicodeClasses.Of(Utf8Scalars.Decode(text, index, out length));

    protected static bool IsAt(ReadOnlySpan<byte> text, int index, uint classes) =>
        index < text.Length && (ClassesAt(text, index, out _) & classes) != 0;

    protected static bool IsNotAt(ReadOnlySpan<byte> text, int index, uint classes) =>
        index < text.Length && (ClassesAt(text, index, out _) & classes) == 0;

    /// <summary>The end of the run of characters that have one of <paramref name="classes"/>.</summary>
    protected static int RunEnd(ReadOnlySpan<byte> text, int index, uint classes)
    {
        while (index < text.Length && (ClassesAt(text, index, out var length) & classes) != 0)
        {
            index += length;
        }

        return index;
    }

    /// <summary>The end of the run of characters that have none of <paramref name="classes"/>.</summary>
    protected static int RunEndNot(ReadOnlySpan<byte> text, int index, uint classes)
    {
        while (index < text.Length && (ClassesAt(text, index, out var length) & classes) == 0)
        {
            index += length;
        }

        return index;
    }

    /// <summary>The end of a run of numbers, of at most <paramref name="most"/> of them.</summary>
    protected static int NumbersEnd(ReadOnlySpan<byte> text, int index, int most)
    {
        for (var i = 0; i < most && index < text.Length && (ClassesAt(text, index, out var length) & UnicodeClasses.Number) != 0; i++)
        {
            index += length;
        }

        return index;
    }

    /// <summary><c>\s+(?!\S)|\s+</c>: a run of white space gives its last character to what follows, unless the text or the run ends with it.</summary>
    protected static int WhiteSpaceEnd(ReadOnlySpan<byte> text, int start)
    {
        var last = start;
        var end = start;
        while (end < text.Length && (ClassesAt(text, end, out var length) & UnicodeClasses.WhiteSpace) != 0)
        {
            last = end;
            end += length;
        }

        return end < text.Length && last > start ? last : end;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c>: a run of white space is first cut after its last line break.</summary>
    protected static int WhiteSpaceWithLinesEnd(ReadOnlySpan<byte> text, int start)
    {
        var last = start;
        var end = start;
        var afterLine = -1;
        while (end < text.Length && (ClassesAt(text, end, out var length) & UnicodeClasses.WhiteSpace) != 0)
        {
            last = end;
            end += length;
            afterLine = text[last] is (byte)'\r' or (byte)'\n' ? end : afterLine;
        }

        return afterLine > 0 ? afterLine : end < text.Length && last > start ? last : end;
    }

    /// <summary>
    /// The length in bytes of <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c> at <paramref name="index"/>, or 0. Case-insensitive matching
    /// includes U+017F, the long s, whose case fold is s.
    /// </summary>
    protected static int ContractionLength(ReadOnlySpan<byte> text, int index)
    {
        if (index + 1 >= text.Length || text[index] != '\'')
        {
            return 0;
        }

        var first = text[index + 1] | 0x20;
        var second = index + 2 < text.Length ? text[index + 2] | 0x20 : 0;
        return first switch
        {
            's' or 't' or 'm' or 'd' => 2,
            'r' or 'v' when second == 'e' => 3,
            'l' when second == 'l' => 3,
            _ => text[index + 1] == 0xC5 && text[index + 2] == 0xBF ? 3 : 0,
        };
    }
}
