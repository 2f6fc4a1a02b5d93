namespace DatasetBuild.Tokenization;

/// <summary>ByteLevel: puts a space before each piece without one if asked, splits by GPT-2's pattern if asked, and writes each byte in the alphabet of bytes.</summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : IPreTokenizer
{
    private static readonly PatternPreTokenizer Gpt2 = new(new ScannerPattern(PublishedPatterns.Gpt2), SplitBehavior.Isolated);

    public bool SplitsWords => useRegex;

    public TextPieces Split(TextPieces pieces)
    {
        pieces = addPrefixSpace ? WithPrefix(pieces) : pieces;
        pieces = useRegex ? Gpt2.Split(pieces) : pieces;
        return pieces.Rewrite(static (text, range, builder) => ByteLevelNormalizer.AppendAlphabet(text, range, builder));
    }

    private static TextPieces WithPrefix(TextPieces pieces) => pieces.Rewrite(static (text, range, builder) =>
    {
        if (text.Bytes[range.Start] != ' ')
        {
            builder.Append(" "u8, text.Origins[range.Start]);
        }

        builder.Copy(range);
    });
}
