using System.Runtime.CompilerServices;

namespace DatasetBuild.Selection;

/// <summary>
/// Finds the k-th best of many scores in at most four counting passes, whatever their order: linear in the worst case. Counts, as most scores are, need
/// half of them: the low bits of their representation are all alike.
/// </summary>
internal static class RadixSelect
{
    /// <summary>The rank at position <paramref name="k"/> (from 0), how many records have a smaller one, and how many have this one.</summary>
    /// <param name="records">The records to rank; more than <paramref name="k"/>.</param>
    /// <param name="values">The value of each record of the pool.</param>
    /// <param name="flip">All ones where high values rank first, else 0: a rank is <see cref="Orderable"/> of the value, flipped.</param>
    /// <param name="k">The position.</param>
    /// <param name="smaller">Records with a smaller rank.</param>
    /// <param name="equal">Records with just this rank.</param>
    public static ulong Find(int[] records, double[] values, ulong flip, int k, out int smaller, out int equal)
    {
        smaller = k;
        equal = records.Length;
        ulong prefix = 0, mask = 0;
        var varying = VaryingBits(records, values, out var common);
        var counts = new int[1 << 16];
        for (var shift = 48; shift >= 0; shift -= 16)
        {
            var digit = (int)((common ^ flip) >> shift) & 0xffff;
            if (((varying >> shift) & 0xffff) != 0)
            {
                Array.Clear(counts);
                foreach (var record in records)
                {
                    var rank = Orderable(values[record]) ^ flip;
                    if ((rank & mask) == prefix)
                    {
                        counts[(int)(rank >> shift) & 0xffff]++;
                    }
                }

                for (digit = 0; k >= counts[digit]; digit++)
                {
                    k -= counts[digit];
                }

                equal = counts[digit];
            }

            prefix |= (ulong)digit << shift;
            mask |= 0xffffUL << shift;
        }

        // What is left of k is the place among the equal ones.
        smaller -= k;
        return prefix;
    }

    /// <summary>The bits in which any two ranks differ, and a rank for all others.</summary>
    private static ulong VaryingBits(int[] records, double[] values, out ulong common)
    {
        var all = ulong.MaxValue;
        ulong any = 0;
        foreach (var record in records)
        {
            var rank = Orderable(values[record]);
            all &= rank;
            any |= rank;
        }

        common = all;
        return all ^ any;
    }

    /// <summary>A number that orders as the (finite) value does; both zeros are one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Orderable(double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value + 0.0);
        return (bits & 0x8000_0000_0000_0000UL) != 0 ? ~bits : bits | 0x8000_0000_0000_0000UL;
    }
}
