using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DatasetBuild.Records;

namespace DatasetBuild.Selection;

/// <summary>
/// A set of hashes that is asked far more often than it has one: bits that fit the processor's own cache say no to nearly all others, and a table decides about the rest. Never changes, so that
/// threads may share it.
/// </summary>
internal sealed class KeySet
{
    private const int BitsPerKey = 16;
    private const int SlotsPerKey = 2;

    private readonly ulong[] bits;
    private readonly ulong[] slots;
    private readonly int bitsShift;

    /// <param name="lists">The keys: any bits of them are taken as random. 0 is none.</param>
    public KeySet(IReadOnlyCollection<ulong[]> lists)
    {
        var count = Math.Max(64L, lists.Sum(list => (long)list.Length));
        bits = new ulong[BitOperations.RoundUpToPowerOf2((ulong)(count * BitsPerKey / 64))];
        bitsShift = 64 - BitOperations.Log2((uint)bits.Length);
        slots = new ulong[BitOperations.RoundUpToPowerOf2((ulong)(count * SlotsPerKey))];
        foreach (var list in lists)
        {
            foreach (var key in list)
            {
                Add(key);
            }
        }
    }

    /// <summary>Whether any of some keys is in the set.</summary>
    /// <param name="keys">8 bytes each, the lowest first.</param>
    public bool ContainsAny(ReadOnlySpan<byte> keys)
    {
        ref var first = ref MemoryMarshal.GetReference(keys);
        for (var at = 0; at < keys.Length; at += sizeof(ulong))
        {
            var key = LittleEndian.Read64(ref Unsafe.Add(ref first, at));
            var some = BitsOf(key);
            if ((bits[key >> bitsShift] & some) == some && Contains(key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Three bits of one word: of a hundred keys that are not there, one is asked for in the table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BitsOf(ulong key) => (1UL << (int)key) | (1UL << (int)(key >> 6)) | (1UL << (int)(key >> 12));

    private bool Contains(ulong key)
    {
        for (var place = (int)key & (slots.Length - 1); slots[place] != 0; place = (place + 1) & (slots.Length - 1))
        {
            if (slots[place] == key)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(ulong key)
    {
        if (key == 0)
        {
            return;
        }

        bits[key >> bitsShift] |= BitsOf(key);
        var place = (int)key & (slots.Length - 1);
        while (slots[place] != 0 && slots[place] != key)
        {
            place = (place + 1) & (slots.Length - 1);
        }

        slots[place] = key;
    }
}
