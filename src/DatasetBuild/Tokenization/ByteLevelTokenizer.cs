using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>A byte-level BPE tokenizer: a pattern cuts the text into pieces, and bytes are merged inside each piece.</summary>
internal sealed class ByteLevelTokenizer(TokenTable tokens, BytePairEncoder encoder, SplitPattern pattern, string identity) : ITokenizer
{
    /// <summary>Pieces that are cut at a time.</summary>
    private const int PiecesAtATime = 512;

    private readonly WordTables _words = new();

    public string Identity { get; } = identity;

    /// <summary>One more than the highest id of the vocabulary; added tokens are not part of it.</summary>
    public int VocabularySize => tokens.Size;

    [SkipLocalsInit]
    public int Count(ReadOnlySpan<byte> utf8)
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
    public void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens)
    {
        Span<int> ends = stackalloc int[PiecesAtATime];
        for (var start = 0; start < utf8.Length;)
        {
            foreach (var end in ends[..pattern.Split(utf8, start, ends)])
            {
                encoder.Encode(utf8[start..end], start, tokens);
                start = end;
            }
        }
    }

    public ReadOnlySpan<byte> Bytes(int id) => tokens.Bytes(id);

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
