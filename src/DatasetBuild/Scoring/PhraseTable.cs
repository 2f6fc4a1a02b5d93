using System.Numerics;

namespace DatasetBuild.Scoring;

/// <summary>
/// Places of word sequences by their 64-bit hashes. A bit a hash in a small map, which stays in the processor's cache, answers most questions; an open table
/// holds the rest. Hashes may collide: whoever asks compares the words.
/// </summary>
internal sealed class PhraseTable
{
    private const int BitsPerPhrase = 32;
    private const int MaxMapLog = 26;
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private readonly ulong[] map;
    private readonly int mapShift;
    private readonly ulong[] hashes;
    private readonly int[] places; // 1 more than the place; 0 is an empty slot
    private readonly int tableShift;

    /// <param name="capacity">At most so many phrases will be added.</param>
    public PhraseTable(int capacity)
    {
        var mapLog = Math.Clamp(BitOperations.Log2((ulong)Math.Max(1L, capacity) * BitsPerPhrase) + 1, 6, MaxMapLog);
        map = new ulong[1 << (mapLog - 6)];
        mapShift = 64 - mapLog;
        var tableLog = BitOperations.Log2((ulong)Math.Max(1L, capacity) * 2) + 1;
        hashes = new ulong[1 << tableLog];
        places = new int[1 << tableLog];
        tableShift = 64 - tableLog;
    }

    /// <summary>Whether a sequence with this hash may be there.</summary>
    public bool MayHold(ulong hash)
    {
        var bit = hash >> mapShift;
        return (map[bit >> 6] >> (int)(bit & 63) & 1) != 0;
    }

    /// <summary>The first place under a hash that <paramref name="isIt"/> accepts, or -1.</summary>
    public int Find<TState>(ulong hash, TState state, Func<int, TState, bool> isIt)
        where TState : allows ref struct
    {
        for (var slot = SlotOf(hash); places[slot] != 0; slot = (slot + 1) & (places.Length - 1))
        {
            if (hashes[slot] == hash && isIt(places[slot] - 1, state))
            {
                return places[slot] - 1;
            }
        }

        return -1;
    }

    public void Add(ulong hash, int place)
    {
        var bit = hash >> mapShift;
        map[bit >> 6] |= 1UL << (int)(bit & 63);
        var slot = SlotOf(hash);
        while (places[slot] != 0)
        {
            slot = (slot + 1) & (places.Length - 1);
        }

        hashes[slot] = hash;
        places[slot] = place + 1;
    }

    // Other bits than those of the map.
    private int SlotOf(ulong hash) => (int)(hash * Spread >> tableShift);
}
