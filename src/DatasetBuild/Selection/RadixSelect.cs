namespace DatasetBuild.Selection;

/// <summary>Finds the k-th smallest of many numbers in four counting passes, whatever their order: linear in the worst case.</summary>
internal static class RadixSelect
{
    /// <summary>The value at position <paramref name="k"/> (from 0) of the sorted numbers.</summary>
    public static ulong Find(ReadOnlySpan<ulong> numbers, int k)
    {
        ulong prefix = 0, mask = 0;
        var counts = new int[1 << 16];
        for (var shift = 48; shift >= 0; shift -= 16)
        {
            Array.Clear(counts);
            foreach (var number in numbers)
            {
                if ((number & mask) == prefix)
                {
                    counts[(int)(number >> shift) & 0xffff]++;
                }
            }

            var digit = 0;
            while (k >= counts[digit])
            {
                k -= counts[digit++];
            }

            prefix |= (ulong)digit << shift;
            mask |= 0xffffUL << shift;
        }

        return prefix;
    }

    /// <summary>A number that orders as the (finite) value does; both zeros are one.</summary>
    public static ulong Orderable(double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value + 0.0);
        return (bits & 0x8000_0000_0000_0000UL) != 0 ? ~bits : bits | 0x8000_0000_0000_0000UL;
    }
}
