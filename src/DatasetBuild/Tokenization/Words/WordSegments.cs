using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The general way, but that words are counted and encoded one by one. Every word is looked at as it comes out of the normalizer: it has to start with the mark, and
/// to end with neither it nor white space.
/// </summary>
/// <param name="whole">For a whole text, and for its first word.</param>
/// <param name="inner">For a word that does not start a text.</param>
/// <param name="mark">What the normalizer makes of the space before a word.</param>
internal sealed class WordSegments(NormalizedSegments whole, NormalizedSegments inner, Rune mark) : WordByWord, ISegmentEncoder
{
    private readonly byte[] _mark = Encoding.UTF8.GetBytes(mark.ToString());

    public int Count(ReadOnlySpan<byte> text, TextRange segment) => TryCount(text, segment) is >= 0 and var count ? count : whole.Count(text, segment);

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<FoundPiece> tokens) => whole.Encode(text, segment, tokens);

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<Token> tokens)
    {
        if (!TryEncode(text, segment, tokens))
        {
            ((ISegmentEncoder)whole).Encode(text, segment, tokens);
        }
    }

    protected override WordCount CountFirst(ReadOnlySpan<byte> text, TextRange word) => whole.TryCountFirst(text, word, _mark);

    protected override WordCount CountInner(ReadOnlySpan<byte> word) => inner.TryCountInner(word, _mark);

    protected override WordCount EncodeFirst(ReadOnlySpan<byte> text, TextRange word, List<Token> tokens) => whole.TryEncodeFirst(text, word, _mark, tokens);

    protected override WordCount EncodeInner(ReadOnlySpan<byte> text, TextRange word, List<Token> tokens) => inner.TryEncodeInner(text, word, _mark, tokens);
}
