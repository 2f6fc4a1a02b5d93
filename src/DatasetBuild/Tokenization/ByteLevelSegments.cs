using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Byte-level BPE with a pattern that has a scanner: the text is cut where it stands, and bytes are merged inside each piece. Where a normalization form
/// comes first, most texts are what it leaves as they are.
/// </summary>
internal sealed class ByteLevelSegments(BytePairEncoder encoder, SplitPattern pattern, DecomposingNormalizer? normalizer = null) : ISegmentEncoder, IRemembersWords
{
    /// <summary>Pieces that are cut at a time.</summary>
    private const int PiecesAtATime = 512;

    private readonly WordTables<WordTable> _counted = new();
    private readonly WordTables<EncodedWords> _encoded = new();

    public void ForgetWords()
    {
        _counted.Clear();
        _encoded.Clear();
    }

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
            var found = Encode(utf8, tokens);
            for (var i = 0; segment.Start > 0 && i < found.Length; i++)
            {
                found[i] = found[i] with { Start = segment.Start + found[i].Start, End = segment.Start + found[i].End };
            }

            return;
        }

        var normalized = normalizer.Normalize(AlignedText.Of(text, segment));
        foreach (ref var token in Encode(normalized.Bytes, tokens))
        {
            var place = normalized.OriginalRange(text, new TextRange(token.Start, token.End));
            token = new Token(token.Id, place.Start, place.End);
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
        var words = utf8.Contains((byte)0) ? null : _counted.Take();
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
            _counted.Return(words);
        }

        return count;
    }

    /// <summary>Appends the tokens of a text, with their places in it, and returns them.</summary>
    [SkipLocalsInit]
    private Span<Token> Encode(ReadOnlySpan<byte> utf8, List<Token> tokens)
    {
        var before = tokens.Count;
        var words = _encoded.Take();
        Span<int> ends = stackalloc int[PiecesAtATime];
        for (var start = 0; start < utf8.Length;)
        {
            var pieces = ends[..pattern.Split(utf8, start, ends)];
            words.Encode(utf8, start, pieces, encoder, tokens);
            start = pieces[^1];
        }

        _encoded.Return(words);
        return CollectionsMarshal.AsSpan(tokens)[before..];
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
