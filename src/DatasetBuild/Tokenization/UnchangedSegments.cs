using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Takes the quick way where the normalizer would change nothing. The Unicode normalization forms, the only ones that this is for, leave ASCII as it is.
/// </summary>
internal sealed class UnchangedSegments(ISegmentEncoder quick, ISegmentEncoder general) : ISegmentEncoder
{
    public int Count(ReadOnlySpan<byte> text, TextRange segment) => For(text, segment).Count(text, segment);

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<FoundPiece> tokens) => For(text, segment).Encode(text, segment, tokens);

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<Token> tokens) => For(text, segment).Encode(text, segment, tokens);

    private ISegmentEncoder For(ReadOnlySpan<byte> text, TextRange segment) => Ascii.IsValid(text[segment.Start..segment.End]) ? quick : general;
}
