namespace DatasetBuild.Tokenization;

/// <summary>
/// The places where a text may be cut so that its words can be looked up: before a single space between two characters that stand for themselves, as
/// letters and visible ASCII do.
/// </summary>
internal static class WordCuts
{
    /// <summary>A letter that makes one sign with what follows it, even with a space.</summary>
    private const int DotReph = 0x0D4E;

    /// <summary>Some rare scripts have more such letters.</summary>
    private const int FirstRareScript = 0x11000;

    /// <summary>The first cut behind <paramref name="from"/>, or the end of the text.</summary>
    public static int Next(ReadOnlySpan<byte> utf8, int from)
    {
        for (var at = from + 1; at < utf8.Length; at++)
        {
            var distance = utf8[at..].IndexOf((byte)' ');
            if (distance < 0)
            {
                break;
            }

            at += distance;
            if (at + 1 < utf8.Length && IsWordEnd(utf8, at) && IsWordStart(utf8, at + 1))
            {
                return at;
            }
        }

        return utf8.Length;
    }

    /// <summary>Writes the ends of the words that follow <paramref name="start"/>, until the text ends or there is no more room, and returns their number.</summary>
    public static int Split(ReadOnlySpan<byte> utf8, int start, Span<int> ends)
    {
        var written = 0;
        while (start < utf8.Length && written < ends.Length)
        {
            ends[written++] = start = Next(utf8, start);
        }

        return written;
    }

    /// <summary>Whether what ends at a place is a character behind which a text may be cut.</summary>
    public static bool IsWordEnd(ReadOnlySpan<byte> utf8, int end) => utf8[end - 1] is < 0x80 and var last
        ? last is > (byte)' ' and < 0x7F
        : Utf8Scalars.DecodeBefore(utf8, end, out _) is < FirstRareScript and not DotReph and var code && UnicodeClasses.Is(code, UnicodeClasses.Letter);

    /// <summary>Whether a normalized text ends neither with a mark nor with white space.</summary>
    public static bool EndsInside(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> mark) =>
        utf8.Length > 0 && !utf8.EndsWith(mark) && WhiteSpace.StartOfRunBefore(utf8, utf8.Length) == utf8.Length;

    private static bool IsWordStart(ReadOnlySpan<byte> utf8, int start) => utf8[start] is < 0x80 and var first
        ? first is > (byte)' ' and < 0x7F
        : UnicodeClasses.Is(Utf8Scalars.Decode(utf8, start, out _), UnicodeClasses.Letter);
}
