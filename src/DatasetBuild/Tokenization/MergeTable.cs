using System.Numerics;

namespace DatasetBuild.Tokenization;

/// <summary>Which pairs of neighbouring tokens may be merged, in which order (lower ranks first), and into which token.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that may not be merged.</summary>
    public const int None = int.MaxValue;

    private const int BitsAPlace = 4;
    private const ulong Empty = ulong.MaxValue;

    // Most questions are about pairs that may not be merged. One bit of a small table answers most of these: of all pairs with its hash none may be.
    private ulong[] _mayMerge;
    private ulong[] _pairs;
    private (int Rank, int Merged)[] _results;
    private int _shift;
    private int _wordShift;
    private int _bitShift;
    private int _count;

    public MergeTable(int expected)
    {
        Resize((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, expected * 2)));
    }

    /// <summary>Adds a merge. Of the same pair given twice the last rank counts, as the readers of such files do it.</summary>
    public void Add(int left, int right, int rank, int merged)
    {
        if (_count * 2 >= _pairs.Length)
        {
            var (pairs, results) = (_pairs, _results);
            Resize(pairs.Length * 2);
            for (var old = 0; old < pairs.Length; old++)
            {
                if (pairs[old] != Empty)
                {
                    var moved = FindSlot(pairs[old]);
                    (_pairs[moved], _results[moved]) = (pairs[old], results[old]);
                    Mark(pairs[old]);
                }
            }
        }

        var pair = Pair(left, right);
        var slot = FindSlot(pair);
        _count += _pairs[slot] == Empty ? 1 : 0;
        (_pairs[slot], _results[slot]) = (pair, (rank, merged));
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

        (var rank, merged) = _results[slot];
        return rank;
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_pairs), nameof(_results), nameof(_mayMerge))]
    private void Resize(int size)
    {
        _pairs = new ulong[size];
        _pairs.AsSpan().Fill(Empty);
        _results = new (int, int)[size];
        _shift = 64 - BitOperations.Log2((uint)size);
        _mayMerge = new ulong[size * BitsAPlace / 64];
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
