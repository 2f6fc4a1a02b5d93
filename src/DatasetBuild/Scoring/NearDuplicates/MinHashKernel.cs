using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.Scoring;

/// <summary>
/// Takes shingles into a signature: for each permutation the least value over all shingles. Whatever vectors the machine has, the bits are the same.
/// </summary>
internal static class MinHashKernel
{
    /// <summary>So many vectors stay in registers while the shingles pass: 14 bands of 8 rows are two times seven vectors of 512 bits.</summary>
    private const int VectorsAtOnce = 7;

    /// <param name="permutations">p of them.</param>
    /// <param name="shingles">Hashes, in any order; one may repeat.</param>
    /// <param name="signature">p values, all bits set before the first shingle.</param>
    public static void Update(Permutations permutations, ReadOnlySpan<ulong> shingles, Span<ulong> signature)
    {
        var done = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            done = Wide(permutations, shingles, signature);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            done = Narrow(permutations, shingles, signature);
        }

        Scalar(permutations, shingles, signature, done);
    }

    /// <summary>The same for the permutations from number <paramref name="first"/> on, one after the other.</summary>
    public static void Scalar(Permutations permutations, ReadOnlySpan<ulong> shingles, Span<ulong> signature, int first = 0)
    {
        for (var p = first; p < permutations.Count; p++)
        {
            var (a, b, least) = (permutations.Multipliers[p], permutations.Summands[p], signature[p]);
            foreach (var shingle in shingles)
            {
                var value = (shingle * a) + b;
                if (permutations.IsModular)
                {
                    value = (value & Permutations.Prime) + (value >> 61);
                    value = value >= Permutations.Prime ? value - Permutations.Prime : value;
                }

                least = Math.Min(least, value);
            }

            signature[p] = least;
        }
    }

    private static int Wide(Permutations permutations, ReadOnlySpan<ulong> shingles, Span<ulong> signature)
    {
        var width = Vector512<ulong>.Count;
        var p = 0;
        for (; p + (VectorsAtOnce * width) <= permutations.Count; p += VectorsAtOnce * width)
        {
            if (permutations.IsModular)
            {
                SevenModular(permutations, shingles, signature, p);
            }
            else
            {
                Seven(permutations, shingles, signature, p);
            }
        }

        for (; p + width <= permutations.Count; p += width)
        {
            ref var a = ref permutations.Multipliers[p];
            ref var b = ref permutations.Summands[p];
            var (va, vb, least) = (Vector512.LoadUnsafe(ref a), Vector512.LoadUnsafe(ref b), Vector512.LoadUnsafe(ref signature[p]));
            foreach (var shingle in shingles)
            {
                var value = (Vector512.Create(shingle) * va) + vb;
                least = Vector512.Min(least, permutations.IsModular ? Reduce(value) : value);
            }

            least.StoreUnsafe(ref signature[p]);
        }

        return p;
    }

    private static void Seven(Permutations permutations, ReadOnlySpan<ulong> shingles, Span<ulong> signature, int first)
    {
        var a = MemoryMarshal.Cast<ulong, Vector512<ulong>>(permutations.Multipliers.AsSpan(first, VectorsAtOnce * Vector512<ulong>.Count));
        var b = MemoryMarshal.Cast<ulong, Vector512<ulong>>(permutations.Summands.AsSpan(first, VectorsAtOnce * Vector512<ulong>.Count));
        var least = MemoryMarshal.Cast<ulong, Vector512<ulong>>(signature.Slice(first, VectorsAtOnce * Vector512<ulong>.Count));
        var (a0, a1, a2, a3, a4, a5, a6) = (a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
        var (b0, b1, b2, b3, b4, b5, b6) = (b[0], b[1], b[2], b[3], b[4], b[5], b[6]);
        var (m0, m1, m2, m3, m4, m5, m6) = (least[0], least[1], least[2], least[3], least[4], least[5], least[6]);
        foreach (var shingle in shingles)
        {
            var x = Vector512.Create(shingle);
            m0 = Vector512.Min(m0, (x * a0) + b0);
            m1 = Vector512.Min(m1, (x * a1) + b1);
            m2 = Vector512.Min(m2, (x * a2) + b2);
            m3 = Vector512.Min(m3, (x * a3) + b3);
            m4 = Vector512.Min(m4, (x * a4) + b4);
            m5 = Vector512.Min(m5, (x * a5) + b5);
            m6 = Vector512.Min(m6, (x * a6) + b6);
        }

        (least[0], least[1], least[2], least[3], least[4], least[5], least[6]) = (m0, m1, m2, m3, m4, m5, m6);
    }

    private static void SevenModular(Permutations permutations, ReadOnlySpan<ulong> shingles, Span<ulong> signature, int first)
    {
        var a = MemoryMarshal.Cast<ulong, Vector512<ulong>>(permutations.Multipliers.AsSpan(first, VectorsAtOnce * Vector512<ulong>.Count));
        var b = MemoryMarshal.Cast<ulong, Vector512<ulong>>(permutations.Summands.AsSpan(first, VectorsAtOnce * Vector512<ulong>.Count));
        var least = MemoryMarshal.Cast<ulong, Vector512<ulong>>(signature.Slice(first, VectorsAtOnce * Vector512<ulong>.Count));
        var (a0, a1, a2, a3, a4, a5, a6) = (a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
        var (b0, b1, b2, b3, b4, b5, b6) = (b[0], b[1], b[2], b[3], b[4], b[5], b[6]);
        var (m0, m1, m2, m3, m4, m5, m6) = (least[0], least[1], least[2], least[3], least[4], least[5], least[6]);
        foreach (var shingle in shingles)
        {
            var x = Vector512.Create(shingle);
            m0 = Vector512.Min(m0, Reduce((x * a0) + b0));
            m1 = Vector512.Min(m1, Reduce((x * a1) + b1));
            m2 = Vector512.Min(m2, Reduce((x * a2) + b2));
            m3 = Vector512.Min(m3, Reduce((x * a3) + b3));
            m4 = Vector512.Min(m4, Reduce((x * a4) + b4));
            m5 = Vector512.Min(m5, Reduce((x * a5) + b5));
            m6 = Vector512.Min(m6, Reduce((x * a6) + b6));
        }

        (least[0], least[1], least[2], least[3], least[4], least[5], least[6]) = (m0, m1, m2, m3, m4, m5, m6);
    }

    private static int Narrow(Permutations permutations, ReadOnlySpan<ulong> shingles, Span<ulong> signature)
    {
        const int AtOnce = 4;
        var width = Vector256<ulong>.Count;
        var p = 0;
        for (; p + (AtOnce * width) <= permutations.Count; p += AtOnce * width)
        {
            var a = MemoryMarshal.Cast<ulong, Vector256<ulong>>(permutations.Multipliers.AsSpan(p, AtOnce * width));
            var b = MemoryMarshal.Cast<ulong, Vector256<ulong>>(permutations.Summands.AsSpan(p, AtOnce * width));
            var least = MemoryMarshal.Cast<ulong, Vector256<ulong>>(signature.Slice(p, AtOnce * width));
            var (a0, a1, a2, a3) = (a[0], a[1], a[2], a[3]);
            var (m0, m1, m2, m3) = (least[0], least[1], least[2], least[3]);
            if (permutations.IsModular)
            {
                foreach (var shingle in shingles)
                {
                    var x = Vector256.Create(shingle);
                    m0 = Vector256.Min(m0, Reduce((x * a0) + b[0]));
                    m1 = Vector256.Min(m1, Reduce((x * a1) + b[1]));
                    m2 = Vector256.Min(m2, Reduce((x * a2) + b[2]));
                    m3 = Vector256.Min(m3, Reduce((x * a3) + b[3]));
                }
            }
            else
            {
                foreach (var shingle in shingles)
                {
                    var x = Vector256.Create(shingle);
                    m0 = Vector256.Min(m0, (x * a0) + b[0]);
                    m1 = Vector256.Min(m1, (x * a1) + b[1]);
                    m2 = Vector256.Min(m2, (x * a2) + b[2]);
                    m3 = Vector256.Min(m3, (x * a3) + b[3]);
                }
            }

            (least[0], least[1], least[2], least[3]) = (m0, m1, m2, m3);
        }

        return p;
    }

    // What is at or above the prime after the fold wraps around when the prime is taken away from what is not: the lesser one is the remainder.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Reduce(Vector512<ulong> value)
    {
        var prime = Vector512.Create(Permutations.Prime);
        var folded = (value & prime) + (value >>> 61);
        return Vector512.Min(folded, folded - prime);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Reduce(Vector256<ulong> value)
    {
        var prime = Vector256.Create(Permutations.Prime);
        var folded = (value & prime) + (value >>> 61);
        return Vector256.Min(folded, folded - prime);
    }
}
