using System.Runtime.CompilerServices;

namespace DatasetBuild.Selection;

/// <summary>How many shingles two records have in common, and how many they have together; 0 of 0 is none.</summary>
public readonly record struct Overlap(int Common, int Together)
{
    /// <summary>The Jaccard similarity, 0 to 1.</summary>
    public double Jaccard => Together == 0 ? 0 : (double)Common / Together;
}

/// <summary>A least Jaccard similarity, as an exact decimal: 4 of 5 shingles are 0.8 on every machine.</summary>
public readonly record struct JaccardThreshold
{
    private readonly long numerator;
    private readonly long denominator;

    /// <param name="value">Above 0, at most 1, with at most nine digits behind the point.</param>
    public JaccardThreshold(decimal value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, 0m);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1m);
        denominator = 1_000_000_000;
        numerator = (long)(value * denominator);
        Value = value;
    }

    public decimal Value { get; }

    public bool IsReached(Overlap overlap) => overlap.Together > 0 && overlap.Common * denominator >= numerator * overlap.Together;
}

/// <summary>Counts what sets of shingles have in common with one of them. Reused; not for several threads at once.</summary>
internal sealed class OverlapCounter
{
    /// <summary>A table that one set made larger than this is let go after it.</summary>
    private const int MaxKept = 1 << 17;

    private ulong[] slots = [];
    private int mask;
    private int shift;
    private int size;

    /// <summary>Puts the distinct ones of <paramref name="shingles"/> into <paramref name="distinct"/>, which has room for all, and returns how many these are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Distinct(ReadOnlySpan<ulong> shingles, Span<ulong> distinct)
    {
        Clear(shingles.Length);
        var count = 0;
        foreach (var shingle in shingles)
        {
            distinct[count] = shingle;
            count += Add(shingle) ? 1 : 0;
        }

        return count;
    }

    /// <summary>From now on this set is the one to compare with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use(ReadOnlySpan<ulong> set)
    {
        Clear(set.Length);
        foreach (var shingle in set)
        {
            Add(shingle);
        }

        size = set.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Overlap With(ReadOnlySpan<ulong> set)
    {
        var common = 0;
        foreach (var shingle in set)
        {
            var key = KeyOf(shingle);
            var place = PlaceOf(key);
            while (slots[place] != 0 && slots[place] != key)
            {
                place = (place + 1) & mask;
            }

            common += slots[place] == key ? 1 : 0;
        }

        return new Overlap(common, size + set.Length - common);
    }

    private bool Add(ulong shingle)
    {
        var key = KeyOf(shingle);
        var place = PlaceOf(key);
        while (slots[place] != 0)
        {
            if (slots[place] == key)
            {
                return false;
            }

            place = (place + 1) & mask;
        }

        slots[place] = key;
        return true;
    }

    // 0 is an empty slot.
    private static ulong KeyOf(ulong shingle) => shingle == 0 ? 1 : shingle;

    private int PlaceOf(ulong key) => (int)(key >> shift);

    private void Clear(int count)
    {
        // Eight slots or more for one shingle: what is searched in vain seldom meets another one, which no processor can guess. Of a very long text that would be too many.
        var bits = Math.Max(6, System.Numerics.BitOperations.Log2((uint)Math.Max(1, count)) + (count < MaxKept / 8 ? 3 : 1));
        if (slots.Length < 1 << bits || slots.Length > MaxKept)
        {
            slots = new ulong[1 << bits];
        }
        else
        {
            slots.AsSpan(0, 1 << bits).Clear();
        }

        mask = (1 << bits) - 1;
        shift = 64 - bits;
    }
}
