using System.Numerics;

namespace DatasetBuild.Tokenization;

/// <summary>Which pairs of neighbouring tokens may be merged, in which order (lower ranks first), and into which token.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that may not be merged.</summary>
    public const int None = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;

    private (ulong Pair, int Rank, int Merged)[] _slots;
    private int _count;

    public MergeTable(int expected)
    {
        _slots = New((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, expected * 2)));
    }

    /// <summary>Adds a merge. Of the same pair given twice the last rank counts, as the readers of such files do it.</summary>
    public void Add(int left, int right, int rank, int merged)
    {
        if (_count * 2 >= _slots.Length)
        {
            var old = _slots;
            _slots = New(old.Length * 2);
            foreach (var slot in old)
            {
                if (slot.Pair != Empty)
                {
                    _slots[FindSlot(slot.Pair)] = slot;
                }
            }
        }

        var pair = Pair(left, right);
        ref var place = ref _slots[FindSlot(pair)];
        _count += place.Pair == Empty ? 1 : 0;
        place = (pair, rank, merged);
    }

    /// <summary>The rank of the pair, or <see cref="None"/>; and the token it becomes.</summary>
    public int Rank(int left, int right, out int merged)
    {
        ref readonly var slot = ref _slots[FindSlot(Pair(left, right))];
        merged = slot.Merged;
        return slot.Rank;
    }

    private static (ulong Pair, int Rank, int Merged)[] New(int size)
    {
        var slots = new (ulong, int, int)[size];
        slots.AsSpan().Fill((Empty, None, -1));
        return slots;
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int FindSlot(ulong pair)
    {
        var mask = _slots.Length - 1;
        var slot = (int)((pair * 0x9E3779B97F4A7C15) >> 33) & mask;
        while (_slots[slot].Pair != pair && _slots[slot].Pair != Empty)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }
}
