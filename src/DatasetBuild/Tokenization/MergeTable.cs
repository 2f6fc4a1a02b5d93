using System.Numerics;

namespace DatasetBuild.Tokenization;

/// <summary>Which pairs of neighbouring tokens may be merged, in which order (lower ranks first), and into which token.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that may not be merged.</summary>
    public const int None = int.MaxValue;

    private const int BitsAPlace = 4;
    private const int SmallestSize = 64;
    private const ulong Empty = ulong.MaxValue;

    // Most questions are about pairs that may not be merged. One bit of a small table answers most of these: of all pairs with its hash none may be.
    private ulong[] _mayMerge;
    private ulong[] _pairs;
    private ulong[] _results;
    private int _shift;
    private int _wordShift;
    private int _bitShift;
    private int _count;

    public MergeTable(int expected)
    {
        Resize((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(SmallestSize, expected * 2)));
    }

    private MergeTable(ulong[] pairs, ulong[] results, ulong[] mayMerge, int count)
    {
        (_pairs, _results, _mayMerge, _count) = (pairs, results, mayMerge, count);
        SetShifts();
    }

    /// <summary>Reads what <see cref="Write"/> wrote, for a vocabulary of so many ids.</summary>
    public static MergeTable Read(ImageReader image, int ids)
    {
        var count = image.ReadNumber();
        var pairs = image.ReadUnsignedLongs();
        var results = image.ReadUnsignedLongs();
        var mayMerge = image.ReadUnsignedLongs();
        ImageReader.Expect(pairs.Length >= SmallestSize && BitOperations.IsPow2(pairs.Length) && results.Length == pairs.Length);
        var empty = 0;
        for (var slot = 0; slot < pairs.Length; slot++)
        {
            empty += pairs[slot] == Empty ? 1 : 0;
            ImageReader.Expect((uint)results[slot] < (uint)ids || pairs[slot] == Empty);
        }

        ImageReader.Expect(mayMerge.Length == pairs.Length * BitsAPlace / 64 && empty > 0);
        return new MergeTable(pairs, results, mayMerge, count);
    }

    /// <summary>Gives up the room for more merges.</summary>
    public void Trim() => Rebuild((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(SmallestSize, _count * 3L / 2)));

    public void Write(ImageWriter image)
    {
        image.Write(_count);
        image.Write<ulong>(_pairs);
        image.Write<ulong>(_results);
        image.Write<ulong>(_mayMerge);
    }

    /// <summary>Adds a merge. Of the same pair given twice the last rank counts, as the readers of such files do it.</summary>
    public void Add(int left, int right, int rank, int merged)
    {
        if (_count * 2 >= _pairs.Length)
        {
            Rebuild(_pairs.Length * 2);
        }

        var pair = Pair(left, right);
        var slot = FindSlot(pair);
        _count += _pairs[slot] == Empty ? 1 : 0;
        (_pairs[slot], _results[slot]) = (pair, Pair(rank, merged));
        Mark(pair);
    }

    /// <summary>The rank of the pair, or <see cref="None"/>; and the token it becomes.</summary>
    public int Rank(int left, int right, out int merged)
    {
        merged = -1;
        var pair = Pair(left, right);
        var hash = Hash(pair);
        if ((_mayMerge[hash >> _wordShift] >> (int)(hash >> _bitShift) & 1) == 0)
        {
            return None;
        }

        var slot = FindSlot(pair);
        if (_pairs[slot] == Empty)
        {
            return None;
        }

        merged = (int)_results[slot];
        return (int)(_results[slot] >> 32);
    }

    /// <summary>All pairs that may be merged, in no order.</summary>
    public IEnumerable<(int Left, int Right)> Pairs() => _pairs.Where(pair => pair != Empty).Select(pair => ((int)(pair >> 32), (int)(uint)pair));

    private void Rebuild(int size)
    {
        var (pairs, results) = (_pairs, _results);
        Resize(size);
        for (var old = 0; old < pairs.Length; old++)
        {
            if (pairs[old] != Empty)
            {
                var slot = FindSlot(pairs[old]);
                (_pairs[slot], _results[slot]) = (pairs[old], results[old]);
                Mark(pairs[old]);
            }
        }
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_pairs), nameof(_results), nameof(_mayMerge))]
    private void Resize(int size)
    {
        _pairs = new ulong[size];
        _pairs.AsSpan().Fill(Empty);
        _results = new ulong[size];
        _mayMerge = new ulong[size * BitsAPlace / 64];
        SetShifts();
    }

    private void SetShifts()
    {
        _shift = 64 - BitOperations.Log2((uint)_pairs.Length);
        _wordShift = 64 - BitOperations.Log2((uint)_mayMerge.Length);
        _bitShift = _wordShift - 6;
    }

    private void Mark(ulong pair)
    {
        var hash = Hash(pair);
        _mayMerge[hash >> _wordShift] |= 1UL << (int)(hash >> _bitShift);
    }

    private static ulong Hash(ulong pair) => pair * 0x9E3779B97F4A7C15;

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int FindSlot(ulong pair)
    {
        var pairs = _pairs;
        var slot = (int)(Hash(pair) >> _shift);
        while (pairs[slot] != pair && pairs[slot] != Empty)
        {
            slot = (slot + 1) & (pairs.Length - 1);
        }

        return slot;
    }
}
