using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Counts the words of a text one by one, where they are cut as in <see cref="WordCuts"/>, each only once. A word that turns out not to stand for
/// itself makes the whole text one that is not counted so.
/// </summary>
internal abstract class WordwiseCounter : IRemembersWords
{
    private const int WordsAtATime = 256;

    private readonly WordTables _words = new();

    public void ForgetWords() => _words.Clear();

    /// <summary>The number of tokens of a segment, or -1 if its words do not stand for themselves.</summary>
    [SkipLocalsInit]
    public int TryCount(ReadOnlySpan<byte> text, TextRange segment)
    {
        var utf8 = text[segment.Start..segment.End];
        var first = WordCuts.Next(utf8, 0);

        // The table of words cannot tell a zero byte from the end of a word.
        if (first >= utf8.Length || utf8.Contains((byte)0) || CountFirst(text, segment with { End = segment.Start + first }) is not (>= 0 and var count))
        {
            return -1;
        }

        var words = _words.Take();
        var counter = new Inner(this);
        Span<int> ends = stackalloc int[WordsAtATime];
        for (var start = first; start < utf8.Length && !counter.Failed;)
        {
            var some = ends[..WordCuts.Split(utf8, start, ends)];
            count += words.Count(utf8, start, some, counter);
            start = some[^1];
        }

        _words.Return(words);
        return counter.Failed ? -1 : count;
    }

    /// <summary>The number of tokens of the word that starts a segment, or -1.</summary>
    protected abstract int CountFirst(ReadOnlySpan<byte> text, TextRange word);

    /// <summary>The number of tokens of a later word with its space, or -1.</summary>
    protected abstract int CountInner(ReadOnlySpan<byte> word);

    private sealed class Inner(WordwiseCounter counter) : IPieceCounter
    {
        public bool Failed { get; private set; }

        public int Count(ReadOnlySpan<byte> piece)
        {
            var count = counter.CountInner(piece);
            Failed |= count < 0;

            // What has no count is not remembered.
            return Math.Max(count, 0);
        }
    }
}
