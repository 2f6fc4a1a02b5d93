namespace DatasetBuild.Tokenization;

/// <summary>Runs of characters with the property White_Space.</summary>
internal static class WhiteSpace
{
    /// <summary>The end of the run that starts at <paramref name="index"/>.</summary>
    public static int EndOfRunAt(ReadOnlySpan<byte> utf8, int index)
    {
        while (index < utf8.Length && Is(Utf8Scalars.Decode(utf8, index, out var length)))
        {
            index += length;
        }

        return index;
    }

    /// <summary>The start of the run that ends before <paramref name="index"/>.</summary>
    public static int StartOfRunBefore(ReadOnlySpan<byte> utf8, int index)
    {
        while (index > 0 && Is(Utf8Scalars.DecodeBefore(utf8, index, out var start)))
        {
            index = start;
        }

        return index;
    }

    private static bool Is(int code) => UnicodeClasses.Is(code, UnicodeClasses.WhiteSpace);
}
