using System.Numerics;

namespace DatasetBuild.Tokenization;

/// <summary>Which pairs of neighbouring tokens may be merged, in which order (lower ranks first), and into which token.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that may not be merged.</summary>
    public const int None = int.MaxValue;

    private const int BitsASlot = 4;
    private const int IndexBits = 6; // of one bit in a number
    private const int SmallestSize = 64;
    private const ulong Empty = ulong.MaxValue;

    // Most questions are about pairs that may not be merged. Two bits of one number of a small table answer most of these: of all pairs with its hash
    // none may be.
    private ulong[] _mayMerge;

    // Two numbers a slot, side by side, so that memory is asked once: the pair, and the rank with the token it becomes.
    private ulong[] _slots;
    private int _shift;
    private int _wordShift;
    private int _bitShift;
    private int _count;

    public MergeTable(int expected)
    {
        Resize((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(SmallestSize, expected * 2)));
    }

    private MergeTable(ulong[] slots, ulong[] mayMerge, int count)
    {
        (_slots, _mayMerge, _count) = (slots, mayMerge, count);
        SetShifts();
    }

    private int Size => _slots.Length / 2;

    /// <summary>Reads what <see cref="Write"/> wrote, for a vocabulary of so many ids.</summary>
    public static MergeTable Read(ImageReader image, int ids)
    {
        var count = image.ReadNumber();
        var slots = image.ReadUnsignedLongs();
        var mayMerge = image.ReadUnsignedLongs();
        ImageReader.Expect(slots.Length >= 2 * SmallestSize && BitOperations.IsPow2(slots.Length));
        var empty = 0;
        for (var slot = 0; slot < slots.Length; slot += 2)
        {
            empty += slots[slot] == Empty ? 1 : 0;
            ImageReader.Expect((uint)slots[slot + 1] < (uint)ids || slots[slot] == Empty);
        }

        ImageReader.Expect(mayMerge.Length == slots.Length / 2 * BitsASlot / 64 && empty > 0);
        return new MergeTable(slots, mayMerge, count);
    }

    /// <summary>Gives up the room for more merges.</summary>
    public void Trim()
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(SmallestSize, _count * 3L / 2));
        if (size != Size)
        {
            Rebuild(size);
        }
    }

    public void Write(ImageWriter image)
    {
        image.Write(_count);
        image.Write<ulong>(_slots);
        image.Write<ulong>(_mayMerge);
    }

    /// <summary>Adds a merge. Of the same pair given twice the last rank counts, as the readers of such files do it.</summary>
    public void Add(int left, int right, int rank, int merged)
    {
        if (_count * 2 >= Size)
        {
            Rebuild(Size * 2);
        }

        var pair = Pair(left, right);
        var slot = FindSlot(pair);
        _count += _slots[slot] == Empty ? 1 : 0;
        (_slots[slot], _slots[slot + 1]) = (pair, Pair(rank, merged));
        Mark(pair);
    }

    /// <summary>The rank of the pair, or <see cref="None"/>; and the token it becomes.</summary>
    public int Rank(int left, int right, out int merged)
    {
        merged = -1;
        var pair = Pair(left, right);
        var hash = Hash(pair);
        var bits = Bits(hash);
        if ((_mayMerge[hash >> _wordShift] & bits) != bits)
        {
            return None;
        }

        var slot = FindSlot(pair);
        if (_slots[slot] == Empty)
        {
            return None;
        }

        var result = _slots[slot + 1];
        merged = (int)result;
        return (int)(result >> 32);
    }

    /// <summary>All pairs that may be merged, in no order.</summary>
    public IEnumerable<(int Left, int Right)> Pairs()
    {
        for (var slot = 0; slot < _slots.Length; slot += 2)
        {
            if (_slots[slot] is not Empty and var pair)
            {
                yield return ((int)(pair >> 32), (int)(uint)pair);
            }
        }
    }

    private void Rebuild(int size)
    {
        var slots = _slots;
        Resize(size);
        for (var old = 0; old < slots.Length; old += 2)
        {
            if (slots[old] != Empty)
            {
                var slot = FindSlot(slots[old]);
                (_slots[slot], _slots[slot + 1]) = (slots[old], slots[old + 1]);
                Mark(slots[old]);
            }
        }
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_slots), nameof(_mayMerge))]
    private void Resize(int size)
    {
        _slots = new ulong[2 * size];
        for (var slot = 0; slot < _slots.Length; slot += 2)
        {
            _slots[slot] = Empty;
        }

        _mayMerge = new ulong[size * BitsASlot / 64];
        SetShifts();
    }

    private void SetShifts()
    {
        _shift = 64 - BitOperations.Log2((uint)Size);
        _wordShift = 64 - BitOperations.Log2((uint)_mayMerge.Length);
        _bitShift = _wordShift - IndexBits;
    }

    private void Mark(ulong pair)
    {
        var hash = Hash(pair);
        _mayMerge[hash >> _wordShift] |= Bits(hash);
    }

    // The bits below those that choose the number of the small table.
    private ulong Bits(ulong hash) => (1UL << (int)(hash >> _bitShift)) | (1UL << (int)(hash >> (_bitShift - IndexBits)));

    private static ulong Hash(ulong pair) => pair * 0x9E3779B97F4A7C15;

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    /// <summary>Where the pair stands in the slots, or the empty slot where it would.</summary>
    private int FindSlot(ulong pair)
    {
        var slots = _slots;
        var slot = (int)(Hash(pair) >> _shift) * 2;
        while (slots[slot] != pair && slots[slot] != Empty)
        {
            slot = (slot + 2) & (slots.Length - 1);
        }

        return slot;
    }
}
