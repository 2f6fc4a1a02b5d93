using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// How many tokens the words of up to 15 bytes have that one thread met, a place of 16 bytes each: the word itself, padded with zeros, and the count
/// in the last byte. So a hit is never another word, if no word holds a zero byte. Two places make a bucket, of which the older one is given up.
/// For one thread at a time.
/// </summary>
internal sealed class WordTable
{
    /// <summary>Pieces that are looked up at a time: enough to hide how long memory takes to answer.</summary>
    private const int BatchSize = 64;

    private const int FirstBucketBits = 11;
    private const int LastBucketBits = 17;
    private const int GrowthBits = 2;
    private const int BucketWords = 4;
    private const int CountShift = 64 - ShortWords.FreeBits;
    private const ulong WordMask = (1UL << CountShift) - 1;

    // Four numbers a bucket: low and high half of the younger word, then of the older one.
    private ulong[] _places = new ulong[BucketWords << FirstBucketBits];
    private int _bucketBits = FirstBucketBits;
    private int _entered;
    private readonly LongWords _long = new();

    /// <summary>The number of tokens of consecutive pieces.</summary>
    /// <param name="text">The text, in which no byte is zero.</param>
    /// <param name="start">Where the first piece starts.</param>
    /// <param name="ends">Where the pieces end, ascending, inside the text.</param>
    /// <param name="counter">Counts what has no place yet.</param>
    [SkipLocalsInit]
    public int Count(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> ends, IPieceCounter counter)
    {
        var count = 0;
        Span<Word> words = stackalloc Word[BatchSize];
        for (; ends.Length > BatchSize; ends = ends[BatchSize..])
        {
            count += CountBatch(text, start, ends[..BatchSize], words, counter);
            start = ends[BatchSize - 1];
        }

        return count + CountBatch(text, start, ends, words, counter);
    }

    private int CountBatch(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> ends, Span<Word> words, IPieceCounter counter)
    {
        if (_entered > 1 << _bucketBits && _bucketBits < LastBucketBits)
        {
            Grow();
        }

        var count = Load(text, start, ends, words, out var used, counter);
        return count + LookUp(text, words[..used], counter);
    }

    /// <summary>Puts the pieces that may have a place into <paramref name="words"/>, and counts the others.</summary>
    private int Load(ReadOnlySpan<byte> text, int start, ReadOnlySpan<int> ends, Span<Word> words, out int used, IPieceCounter counter)
    {
        // Bounds, which the compiler does not see: the ends ascend inside the text, a batch has no more pieces than there is room for words, and
        // every bucket starts at a multiple of BucketWords below the length of the places.
        ref var places = ref MemoryMarshal.GetArrayDataReference(_places);
        ref var first = ref MemoryMarshal.GetReference(words);
        var count = 0;
        var next = 0;
        foreach (var end in ends)
        {
            var length = end - start;
            if (length > ShortWords.Longest)
            {
                count += CountLong(text[start..end], counter);
            }
            else
            {
                // A piece of one byte leaves its room to the next one: which pieces are so short, no processor foresees.
                ref var word = ref Unsafe.Add(ref first, next);
                ShortWords.Load(text, start, length, out var low, out var high);
                var bucket = Bucket(low, high);
                ShortWords.Prefetch(ref Unsafe.Add(ref places, bucket));
                (word.Low, word.High) = (low, high);
                (word.Bucket, word.Start, word.Length) = (bucket, start, length);
                var isLonger = (int)((uint)(1 - length) >> 31);
                next += isLonger;
                count += 1 - isLonger;
            }

            start = end;
        }

        used = next;
        return count;
    }

    private int LookUp(ReadOnlySpan<byte> text, ReadOnlySpan<Word> words, IPieceCounter counter)
    {
        ref var places = ref MemoryMarshal.GetArrayDataReference(_places);
        var count = 0;
        foreach (ref readonly var word in words)
        {
            // Only the count is left of a place that holds the word, in the highest byte. In which of the two places a word is, no processor foresees.
            ref var bucket = ref Unsafe.Add(ref places, word.Bucket);
            var young = Unsafe.Add(ref bucket, 1) ^ word.High;
            var old = Unsafe.Add(ref bucket, 3) ^ word.High;
            var found = (young & WhereZero((bucket ^ word.Low) | (young & WordMask))) | (old & WhereZero((Unsafe.Add(ref bucket, 2) ^ word.Low) | (old & WordMask)));
            count += found != 0 ? (int)(found >> CountShift) : Enter(in word, text.Slice(word.Start, word.Length), counter);
        }

        return count;
    }

    /// <summary>All bits where <paramref name="difference"/> is zero, else none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong WhereZero(ulong difference) => ~(ulong)((long)(difference | (0 - difference)) >> 63);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int CountLong(ReadOnlySpan<byte> piece, IPieceCounter counter) =>
        piece.Length <= LongWords.LongestWord ? _long.Count(piece, counter) : counter.Count(piece);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Enter(in Word word, ReadOnlySpan<byte> piece, IPieceCounter counter)
    {
        var count = counter.Count(piece);
        if ((uint)count > byte.MaxValue)
        {
            return count;
        }

        var bucket = _places.AsSpan(word.Bucket, BucketWords);
        _entered++;
        bucket[2] = bucket[0];
        bucket[3] = bucket[1];
        bucket[0] = word.Low;
        bucket[1] = word.High | ((ulong)count << CountShift);
        return count;
    }

    /// <summary>A table starts small, for texts that are few, and moves to a larger one while words keep coming.</summary>
    private void Grow()
    {
        var places = _places;
        _bucketBits += GrowthBits;
        _places = new ulong[BucketWords << _bucketBits];
        for (var bucket = 0; bucket < places.Length; bucket += BucketWords)
        {
            Move(places.AsSpan(bucket + 2, 2));
            Move(places.AsSpan(bucket, 2));
        }
    }

    private void Move(ReadOnlySpan<ulong> word)
    {
        if (word[0] != 0)
        {
            var bucket = _places.AsSpan(Bucket(word[0], word[1] & WordMask), BucketWords);
            bucket[..2].CopyTo(bucket[2..]);
            word.CopyTo(bucket);
        }
    }

    /// <summary>Where the bucket of a word starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Bucket(ulong low, ulong high) =>
        (int)(ShortWords.Hash(low, high) >> (64 - _bucketBits)) * BucketWords;

    [StructLayout(LayoutKind.Sequential)]
    private struct Word
    {
        public ulong Low;
        public ulong High;
        public int Bucket;
        public int Start;
        public int Length;
    }
}
