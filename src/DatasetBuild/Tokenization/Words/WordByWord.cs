using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Counts or encodes the words of a text one by one, where they are cut as in <see cref="WordCuts"/>, each only once. A word that turns out not to stand for
/// itself makes the whole text one that is not taken so.
/// </summary>
/// <param name="mostPieces">Pieces of the longest text in which every word that is remembered has the tokens that it has alone.</param>
internal abstract class WordByWord(int mostPieces = int.MaxValue) : IRemembersWords
{
    private const int WordsAtATime = 256;

    private readonly WordTables<WordTable> _counted = new();
    private readonly WordTables<EncodedWords> _encoded = new();

    private readonly int _mostPieces = mostPieces;

    public void ForgetWords()
    {
        _counted.Clear();
        _encoded.Clear();
    }

    /// <summary>The number of tokens of a segment, or -1 if its words do not stand for themselves.</summary>
    [SkipLocalsInit]
    public int TryCount(ReadOnlySpan<byte> text, TextRange segment)
    {
        text = text[..segment.End];
        if (!TryFirst(text, segment, out var first))
        {
            return -1;
        }

        var words = _counted.Take();
        var inner = new Inner(this);
        var count = inner.Take(CountFirst(text, first));
        Span<int> ends = stackalloc int[WordsAtATime];
        for (var at = first.End; at < text.Length && !inner.Failed;)
        {
            var some = ends[..WordCuts.Split(text, at, ends)];
            count += words.Count(text, at, some, inner);
            at = some[^1];
        }

        _counted.Return(words);
        return inner.IsRightFor(count) ? count + inner.Tokens : -1;
    }

    /// <summary>Appends the tokens of a segment, or nothing if its words do not stand for themselves.</summary>
    /// <returns>Whether they do.</returns>
    [SkipLocalsInit]
    public bool TryEncode(ReadOnlySpan<byte> text, TextRange segment, List<Token> tokens)
    {
        text = text[..segment.End];
        if (!TryFirst(text, segment, out var first))
        {
            return false;
        }

        var before = tokens.Count;
        var words = _encoded.Take();
        var inner = new Inner(this);
        inner.Take(EncodeFirst(text, first, tokens));
        Span<int> ends = stackalloc int[WordsAtATime];
        for (var at = first.End; at < text.Length && !inner.Failed;)
        {
            var some = ends[..WordCuts.Split(text, at, ends)];
            words.Encode(text, at, some, inner, tokens);
            at = some[^1];
        }

        _encoded.Return(words);
        if (inner.IsRightFor(tokens.Count - before - inner.Tokens))
        {
            return true;
        }

        tokens.RemoveRange(before, tokens.Count - before);
        return false;
    }

    /// <summary>The count of the word that starts a segment.</summary>
    protected abstract WordCount CountFirst(ReadOnlySpan<byte> text, TextRange word);

    /// <summary>The count of a later word with its space.</summary>
    protected abstract WordCount CountInner(ReadOnlySpan<byte> word);

    /// <summary>Appends the tokens of the word that starts a segment; returns their count, or appends anything and returns that the word does not stand for itself.</summary>
    protected abstract WordCount EncodeFirst(ReadOnlySpan<byte> text, TextRange word, List<Token> tokens);

    /// <summary>The same of a later word with its space.</summary>
    protected abstract WordCount EncodeInner(ReadOnlySpan<byte> text, TextRange word, List<Token> tokens);

    /// <summary>The first word of a segment, where there is another one.</summary>
    private static bool TryFirst(ReadOnlySpan<byte> text, TextRange segment, out TextRange first)
    {
        first = segment with { End = WordCuts.Next(text, segment.Start) };
        return first.End < segment.End && !text[segment.Start..].Contains((byte)0); // the table of counts cannot tell a zero byte from the end of a word
    }

    /// <summary>Takes in what the tables of words have not met in one text, and adds up apart what they may not remember.</summary>
    private sealed class Inner(WordByWord words) : IPieceCounter, IWordEncoder
    {
        private long _pieces;
        private int _mostPieces = words._mostPieces;

        public bool Failed { get; private set; }

        /// <summary>Tokens of words that are not remembered.</summary>
        public int Tokens { get; private set; }

        public int Count(ReadOnlySpan<byte> piece) => Take(words.CountInner(piece));

        public bool Encode(ReadOnlySpan<byte> text, TextRange word, List<Token> tokens) => !Failed && Take(words.EncodeInner(text, word, tokens)) > 0;

        /// <summary>Returns what may be remembered of a word: its count, or 0.</summary>
        public int Take(WordCount word)
        {
            if (word.Tokens < 0)
            {
                Failed = true;
                return 0;
            }

            if (word.MostPieces >= words._mostPieces && word.Pieces == word.Tokens)
            {
                return word.Tokens;
            }

            Tokens += word.Tokens;
            _pieces += word.Pieces;
            _mostPieces = Math.Min(_mostPieces, word.MostPieces);
            return 0;
        }

        /// <summary>Whether the tokens are those of the whole text.</summary>
        /// <param name="remembered">How many there are of the other words.</param>
        public bool IsRightFor(int remembered) => !Failed && remembered + _pieces <= _mostPieces;
    }
}
