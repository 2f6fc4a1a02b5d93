using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Counts the words of a text one by one, where they are cut as in <see cref="WordCuts"/>, each only once. A word that turns out not to stand for
/// itself makes the whole text one that is not counted so.
/// </summary>
/// <param name="mostPieces">Pieces of the longest text in which every word that is remembered has the count that it has alone.</param>
internal abstract class WordwiseCounter(int mostPieces = int.MaxValue) : IRemembersWords
{
    private const int WordsAtATime = 256;

    private readonly WordTables _words = new();

    private readonly int _mostPieces = mostPieces;

    public void ForgetWords() => _words.Clear();

    /// <summary>The number of tokens of a segment, or -1 if its words do not stand for themselves.</summary>
    [SkipLocalsInit]
    public int TryCount(ReadOnlySpan<byte> text, TextRange segment)
    {
        var utf8 = text[segment.Start..segment.End];
        var first = WordCuts.Next(utf8, 0);

        // The table of words cannot tell a zero byte from the end of a word.
        if (first >= utf8.Length || utf8.Contains((byte)0))
        {
            return -1;
        }

        var words = _words.Take();
        var counter = new Inner(this);
        var count = counter.Take(CountFirst(text, segment with { End = segment.Start + first }));
        Span<int> ends = stackalloc int[WordsAtATime];
        for (var at = first; at < utf8.Length && !counter.Failed;)
        {
            var some = ends[..WordCuts.Split(utf8, at, ends)];
            count += words.Count(utf8, at, some, counter);
            at = some[^1];
        }

        _words.Return(words);
        return counter.Failed || count + counter.Pieces > Math.Min(_mostPieces, counter.MostPieces) ? -1 : count + counter.Tokens;
    }

    /// <summary>The count of the word that starts a segment.</summary>
    protected abstract WordCount CountFirst(ReadOnlySpan<byte> text, TextRange word);

    /// <summary>The count of a later word with its space.</summary>
    protected abstract WordCount CountInner(ReadOnlySpan<byte> word);

    /// <summary>Counts what the table of words has not met in one text, and adds up apart what it may not remember.</summary>
    private sealed class Inner(WordwiseCounter counter) : IPieceCounter
    {
        public bool Failed { get; private set; }

        public int Tokens { get; private set; }

        public long Pieces { get; private set; }

        public int MostPieces { get; private set; } = int.MaxValue;

        public int Count(ReadOnlySpan<byte> piece) => Take(counter.CountInner(piece));

        /// <summary>Returns what may be remembered of a word: its count, or 0.</summary>
        public int Take(WordCount word)
        {
            if (word.Tokens < 0)
            {
                Failed = true;
                return 0;
            }

            if (word.MostPieces >= counter._mostPieces && word.Pieces == word.Tokens)
            {
                return word.Tokens;
            }

            Tokens += word.Tokens;
            Pieces += word.Pieces;
            MostPieces = Math.Min(MostPieces, word.MostPieces);
            return 0;
        }
    }
}
