namespace DatasetBuild.Tokenization;

/// <summary>
/// Takes the quick way where the normalizer would change nothing.
/// </summary>
internal sealed class UnchangedSegments(DecomposingNormalizer normalizer, ISegmentEncoder quick, ISegmentEncoder general) : ISegmentEncoder, IRemembersWords
{
    public void ForgetWords()
    {
        (quick as IRemembersWords)?.ForgetWords();
        (general as IRemembersWords)?.ForgetWords();
    }

    public int Count(ReadOnlySpan<byte> text, TextRange segment) => For(text, segment).Count(text, segment);

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<FoundPiece> tokens) => For(text, segment).Encode(text, segment, tokens);

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<Token> tokens) => For(text, segment).Encode(text, segment, tokens);

    private ISegmentEncoder For(ReadOnlySpan<byte> text, TextRange segment) => normalizer.Keeps(text[segment.Start..segment.End]) ? quick : general;
}
