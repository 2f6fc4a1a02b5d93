using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Byte-level BPE with a pattern that has a scanner: the text is cut where it stands, and bytes are merged inside each piece. Where a normalization form
/// comes first, most texts are what it leaves as they are.
/// </summary>
internal sealed class ByteLevelSegments(BytePairEncoder encoder, SplitPattern pattern, DecomposingNormalizer? normalizer = null) : ISegmentEncoder, IRemembersWords
{
    /// <summary>Pieces that are cut at a time.</summary>
    private const int PiecesAtATime = 512;

    private readonly WordTables _words = new();

    public void ForgetWords() => _words.Clear();

    public int Count(ReadOnlySpan<byte> text, TextRange segment)
    {
        // A pattern must not see what lies beyond the segment.
        var utf8 = text[segment.Start..segment.End];
        return Count(normalizer?.Keeps(utf8) ?? true ? utf8 : normalizer.Normalize(AlignedText.Of(text, segment)).Bytes);
    }

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<Token> tokens)
    {
        var utf8 = text[segment.Start..segment.End];
        if (normalizer?.Keeps(utf8) ?? true)
        {
            Encode(utf8, segment.Start, tokens);
            return;
        }

        var normalized = normalizer.Normalize(AlignedText.Of(text, segment));
        var found = new List<Token>();
        Encode(normalized.Bytes, 0, found);
        foreach (var token in found)
        {
            var place = normalized.OriginalRange(text, new TextRange(token.Start, token.End));
            tokens.Add(new Token(token.Id, place.Start, place.End));
        }
    }

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<FoundPiece> tokens)
    {
        var found = new List<Token>();
        Encode(text, segment, found);
        foreach (var token in found)
        {
            tokens.Add(new FoundPiece(token.Id, token.Start, token.End));
        }
    }

    [SkipLocalsInit]
    private int Count(ReadOnlySpan<byte> utf8)
    {
        // The table of words cannot tell a zero byte from the end of a word.
        var words = utf8.Contains((byte)0) ? null : _words.Take();
        var count = 0;
        Span<int> ends = stackalloc int[PiecesAtATime];
        for (var start = 0; start < utf8.Length;)
        {
            var pieces = ends[..pattern.Split(utf8, start, ends)];
            count += words?.Count(utf8, start, pieces, encoder) ?? Count(utf8, start, pieces);
            start = pieces[^1];
        }

        if (words is not null)
        {
            _words.Return(words);
        }

        return count;
    }

    [SkipLocalsInit]
    private void Encode(ReadOnlySpan<byte> utf8, int offset, List<Token> tokens)
    {
        Span<int> ends = stackalloc int[PiecesAtATime];
        for (var start = 0; start < utf8.Length;)
        {
            foreach (var end in ends[..pattern.Split(utf8, start, ends)])
            {
                encoder.Encode(utf8[start..end], offset + start, tokens);
                start = end;
            }
        }
    }

    private int Count(ReadOnlySpan<byte> utf8, int start, ReadOnlySpan<int> ends)
    {
        var count = 0;
        foreach (var end in ends)
        {
            count += encoder.Count(utf8[start..end]);
            start = end;
        }

        return count;
    }
}
