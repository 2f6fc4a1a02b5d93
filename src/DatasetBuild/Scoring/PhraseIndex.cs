using System.Numerics;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Scoring;

/// <summary>
/// Finds the words that a text shares with evaluation items (METHODS: n-gram decontamination, section 12.5): n in a row, at least two of them different; of
/// an item's text with fewer words, all of them, where the text has no others. Rolling hashes over words find candidates, and the words themselves decide: nothing
/// is found that is not there.
/// </summary>
internal sealed class PhraseIndex
{
    public const int MinN = 2;
    public const int MaxN = 100;

    // Odd, with bits all over: of the digits of the square root of 2 and of pi.
    private const ulong Base = 0x6A09E667F3BCC909;
    private const ulong WordSpread = 0x243F6A8885A308D3;

    private static readonly ulong[] ByteHashes = MakeByteHashes();

    private readonly EvaluationWords items;
    private readonly int n;
    private readonly ulong leaving; // Base to the power of n: the weight of the word that leaves the window
    private readonly PhraseTable phrases;
    private readonly PhraseTable wholes;

    public PhraseIndex(EvaluationWords items, int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, MinN);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, MaxN);
        this.items = items;
        this.n = n;
        leaving = 1;
        for (var i = 0; i < n; i++)
        {
            leaving *= Base;
        }

        var texts = items.Texts().ToList();
        phrases = new PhraseTable(texts.Sum(text => Math.Max(0, text.Count - n + 1)));
        wholes = new PhraseTable(texts.Count(text => text.Count < n));
        Span<ulong> window = stackalloc ulong[n];
        foreach (var text in texts)
        {
            Add(text, window);
        }
    }

    /// <summary>The first words, in the order of the text, that an item has too; of several such items the first.</summary>
    /// <param name="text">As <see cref="FoldedWords.Of"/> gives it.</param>
    public SharedWords Find(ReadOnlySpan<byte> text)
    {
        Span<ulong> window = stackalloc ulong[n];
        Span<int> offsets = stackalloc int[n];
        ulong hash = 0;
        int count = 0, slot = 0;
        for (var i = 0; NextWord(text, ref i, out var start, out var word); count++)
        {
            hash = (hash * Base) + word - (window[slot] * leaving);
            window[slot] = word;
            offsets[slot] = start;
            slot = slot + 1 == n ? 0 : slot + 1;
            if (count >= n - 1 && phrases.MayHold(hash) && Find(text, offsets[slot], hash) is { Length: > 0 } shared)
            {
                return shared;
            }
        }

        return count >= MinN && count < n ? FindWhole(text, offsets[0], hash, count) : default;
    }

    private SharedWords Find(ReadOnlySpan<byte> text, int offset, ulong hash)
    {
        var place = phrases.Find(hash, new Candidate(items, text, offset, n), static (word, phrase) => phrase.Run(word) >= phrase.Count);
        return place < 0 ? default : new SharedWords(place, items.CommonRun(text, offset, place));
    }

    private SharedWords FindWhole(ReadOnlySpan<byte> text, int offset, ulong hash, int count)
    {
        hash = OfWhole(hash, count);
        var place = !wholes.MayHold(hash) ? -1
            : wholes.Find(hash, new Candidate(items, text, offset, count), static (word, whole) => whole.Run(word) == whole.Count && whole.EndsText(word));
        return place < 0 ? default : new SharedWords(place, count);
    }

    private void Add(EvaluationTextRange text, Span<ulong> window)
    {
        window.Clear();
        ulong hash = 0;
        var equal = 0;
        for (int i = 0, slot = 0; i < text.Count; i++, slot = slot + 1 == n ? 0 : slot + 1)
        {
            var at = 0;
            NextWord(items[text.First + i], ref at, out _, out var word);
            hash = (hash * Base) + word - (window[slot] * leaving);
            window[slot] = word;
            equal = i > 0 && items[text.First + i].SequenceEqual(items[text.First + i - 1]) ? equal + 1 : 1;
            if (i >= n - 1 && equal < n)
            {
                AddOnce(phrases, hash, text.First + i - n + 1, n);
            }
        }

        if (text.CountsWhole && text.Count < n && equal < text.Count)
        {
            AddOnce(wholes, OfWhole(hash, text.Count), text.First, text.Count);
        }
    }

    /// <summary>Adds a sequence unless an earlier item has the same.</summary>
    private void AddOnce(PhraseTable table, ulong hash, int place, int count)
    {
        if (!table.MayHold(hash) || table.Find(hash, (items, place, count), static (earlier, sought) => AreEqual(sought.items, earlier, sought.place, sought.count)) < 0)
        {
            table.Add(hash, place);
        }
    }

    private static bool AreEqual(EvaluationWords items, int left, int right, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (!items[left + i].SequenceEqual(items[right + i]))
            {
                return false;
            }
        }

        return true;
    }

    private static ulong OfWhole(ulong hash, int count) => (hash + (ulong)count) * WordSpread;

    /// <summary>Moves behind the next word: where it starts and its hash. False at the end of the text.</summary>
    private static bool NextWord(ReadOnlySpan<byte> text, ref int i, out int start, out ulong word)
    {
        word = 0;
        ulong next = 0;
        while (i < text.Length && (next = ByteHashes[text[i]]) == 0)
        {
            i++;
        }

        start = i;
        if (i == text.Length)
        {
            return false;
        }

        do
        {
            word = BitOperations.RotateLeft(word, 7) ^ next;
        }
        while (++i < text.Length && (next = ByteHashes[text[i]]) != 0);
        word *= WordSpread;
        word ^= word >> 32;
        return true;
    }

    /// <summary>A number for each byte: the same for both cases of a letter, 0 for what separates words.</summary>
    private static ulong[] MakeByteHashes()
    {
        var hashes = new ulong[256];
        for (var c = 0; c < hashes.Length; c++)
        {
            hashes[c] = FoldedWords.Folds[c] == 0 ? 0 : Caching.XxHash64.Hash([FoldedWords.Folds[c]]) | 1;
        }

        return hashes;
    }

    /// <summary>Words of a text that may be an item's.</summary>
    private readonly ref struct Candidate(EvaluationWords items, ReadOnlySpan<byte> text, int offset, int count)
    {
        private readonly ReadOnlySpan<byte> text = text;

        public int Count => count;

        public int Run(int word) => items.CommonRun(text, offset, word);

        /// <summary>Whether the item's text has no more words.</summary>
        public bool EndsText(int word) => items.EndsText(word + count - 1);
    }
}
