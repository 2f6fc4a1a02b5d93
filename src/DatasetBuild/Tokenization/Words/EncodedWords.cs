using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The tokens of the words of up to 15 bytes that one thread met, a line of 64 bytes each: the word, its length, and up to six tokens with their places in it. Of two
/// words with the same line the younger stays. For one thread at a time.
/// </summary>
internal sealed class EncodedWords
{
    /// <summary>Tokens that a line has room for.</summary>
    private const int MostTokens = 6;

    /// <summary>Words that are looked up at a time: enough to hide how long memory takes to answer.</summary>
    private const int BatchSize = 64;

    private const int FirstLineBits = 9;
    private const int LastLineBits = 15;
    private const int GrowthBits = 2;

    // In the bits of the high number that a word leaves free: its length, and above it how many tokens it has.
    private const int LengthShift = 64 - ShortWords.FreeBits;
    private const int CountShift = LengthShift + 4;
    private const ulong KeyMask = (1UL << CountShift) - 1;

    // A token: its id, and above it where it starts and ends in the word.
    private const int StartShift = 32;
    private const int EndShift = 40;

    private Line[] _lines = new Line[1 << FirstLineBits];
    private int _lineBits = FirstLineBits;
    private int _entered;

    /// <summary>Appends the tokens of consecutive words.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the first word starts.</param>
    /// <param name="ends">Where the words end, ascending, inside the text.</param>
    /// <param name="encoder">Encodes what has no line yet.</param>
    /// <param name="tokens">Receives them.</param>
    [SkipLocalsInit]
    public void Encode(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> ends, IWordEncoder encoder, List<Token> tokens)
    {
        Span<Word> words = stackalloc Word[BatchSize];
        for (; ends.Length > BatchSize; ends = ends[BatchSize..])
        {
            EncodeBatch(text, start, ends[..BatchSize], words, encoder, tokens);
            start = ends[BatchSize - 1];
        }

        EncodeBatch(text, start, ends, words, encoder, tokens);
    }

    private void EncodeBatch(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> ends, Span<Word> words, IWordEncoder encoder, List<Token> tokens)
    {
        if (_entered > 1 << (_lineBits - 1) && _lineBits < LastLineBits)
        {
            Grow();
        }

        words = words[..ends.Length];
        for (var i = 0; i < words.Length; i++)
        {
            ref var word = ref words[i];
            (word.Start, word.End, word.Line) = (start, ends[i], -1);
            if (word.Length <= ShortWords.Longest)
            {
                ShortWords.Load(text, start, word.Length, out word.Low, out word.High);
                word.High |= (ulong)word.Length << LengthShift;
                word.Line = LineOf(word.Low, word.High);
                ShortWords.Prefetch(ref _lines[word.Line]);
            }

            start = word.End;
        }

        var used = tokens.Count;
        var room = Reserve(tokens, used, words.Length);
        foreach (ref readonly var word in words)
        {
            if (word.Line >= 0)
            {
                ref readonly var line = ref _lines[word.Line];
                if (line.Low == word.Low && (line.High & KeyMask) == word.High)
                {
                    used = line.CopyTo(room, used, word.Start);
                    continue;
                }
            }

            CollectionsMarshal.SetCount(tokens, used);
            var isSame = encoder.Encode(text, new TextRange(word.Start, word.End), tokens);
            if (isSame && word.Line >= 0)
            {
                Enter(in word, CollectionsMarshal.AsSpan(tokens)[used..]);
            }

            used = tokens.Count;
            room = Reserve(tokens, used, words.Length);
        }

        CollectionsMarshal.SetCount(tokens, used);
    }

    /// <summary>All of a list, with room behind it for the tokens of so many words.</summary>
    private static Span<Token> Reserve(List<Token> tokens, int used, int words)
    {
        CollectionsMarshal.SetCount(tokens, used + (words * MostTokens));
        return CollectionsMarshal.AsSpan(tokens);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Enter(in Word word, ReadOnlySpan<Token> tokens)
    {
        if (tokens.Length > MostTokens)
        {
            return;
        }

        var line = new Line { Low = word.Low, High = word.High | ((ulong)tokens.Length << CountShift) };
        for (var i = 0; i < tokens.Length; i++)
        {
            line.Tokens[i] = (uint)tokens[i].Id | ((ulong)(tokens[i].Start - word.Start) << StartShift) | ((ulong)(tokens[i].End - word.Start) << EndShift);
        }

        _entered++;
        _lines[word.Line] = line;
    }

    /// <summary>A table starts small, for texts that are few, and moves to a larger one while words keep coming.</summary>
    private void Grow()
    {
        var lines = _lines;
        _lineBits += GrowthBits;
        _lines = new Line[1 << _lineBits];
        foreach (ref readonly var line in lines.AsSpan())
        {
            if (line.High != 0)
            {
                _lines[LineOf(line.Low, line.High & KeyMask)] = line;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int LineOf(ulong low, ulong high) => (int)(ShortWords.Hash(low, high) >> (64 - _lineBits));

    [InlineArray(MostTokens)]
    private struct PackedTokens
    {
        private ulong _first;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Line
    {
        public ulong Low;
        public ulong High;
        public PackedTokens Tokens;

        /// <summary>Writes the tokens of a word that starts at <paramref name="start"/> behind the first <paramref name="used"/>; returns how many those are then.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly int CopyTo(Span<Token> tokens, int used, int start)
        {
            var count = (int)(High >> CountShift);
            foreach (var token in Tokens[..count])
            {
                tokens[used++] = new Token((int)token, start + (byte)(token >> StartShift), start + (byte)(token >> EndShift));
            }

            return used;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Word
    {
        public ulong Low;
        public ulong High;
        public int Line;
        public int Start;
        public int End;

        public readonly int Length => End - Start;
    }
}
