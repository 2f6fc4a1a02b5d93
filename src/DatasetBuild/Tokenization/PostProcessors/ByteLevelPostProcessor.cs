namespace DatasetBuild.Tokenization;

/// <summary>ByteLevel: leaves the spaces at the ends of a token out of its place, if asked.</summary>
internal sealed class ByteLevelPostProcessor(bool addPrefixSpace, bool trimOffsets) : IPostProcessor
{
    public List<List<EncodedToken>> Process(List<List<EncodedToken>> encodings, bool addSpecialTokens) =>
        trimOffsets ? [.. encodings.Select(encoding => encoding.Select((token, i) => Trim(token, isFirst: i == 0)).ToList())] : encodings;

    private EncodedToken Trim(EncodedToken token, bool isFirst)
    {
        var leading = token.Text.EnumerateRunes().TakeWhile(rune => IsSpace(rune.Value)).Count();
        var trailing = token.Text.EnumerateRunes().Reverse().TakeWhile(rune => IsSpace(rune.Value)).Count();
        var (start, end) = (token.Start, token.End);
        if (leading > 0)
        {
            // The one space that stands before the text was not put there by the writer.
            leading = (isFirst || start == 0) && addPrefixSpace && leading == 1 ? 0 : leading;
            start = Math.Min(start + leading, end);
        }

        end = trailing > 0 && end >= trailing ? Math.Max(end - trailing, start) : end;
        return token with { Start = start, End = end };
    }

    private static bool IsSpace(int code) => code == ByteLevelAlphabet.Encode((byte)' ') || UnicodeClasses.Is(code, UnicodeClasses.WhiteSpace);
}
