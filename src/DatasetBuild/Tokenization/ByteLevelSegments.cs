using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>Byte-level BPE with a pattern that has a scanner: the text is cut where it stands, and bytes are merged inside each piece.</summary>
internal sealed class ByteLevelSegments(BytePairEncoder encoder, SplitPattern pattern) : ISegmentEncoder, IRemembersWords
{
    /// <summary>Pieces that are cut at a time.</summary>
    private const int PiecesAtATime = 512;

    private readonly WordTables _words = new();

    public void ForgetWords() => _words.Clear();

    [SkipLocalsInit]
    public int Count(ReadOnlySpan<byte> text, TextRange segment)
    {
        // A pattern must not see what lies beyond the segment.
        var utf8 = text[segment.Start..segment.End];

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
    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<Token> tokens)
    {
        var utf8 = text[segment.Start..segment.End];
        Span<int> ends = stackalloc int[PiecesAtATime];
        for (var start = 0; start < utf8.Length;)
        {
            foreach (var end in ends[..pattern.Split(utf8, start, ends)])
            {
                encoder.Encode(utf8[start..end], segment.Start + start, tokens);
                start = end;
            }
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
