using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>Rows become columns. Moves values and computes none.</summary>
internal static unsafe class Transposition
{
    private const int Side = 8;

    /// <summary>target[k, r] = rows[r, k].</summary>
    /// <param name="rows">The first row.</param>
    /// <param name="stride">Values from one row to the next.</param>
    /// <param name="width">Values of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="target">Of the first column.</param>
    /// <param name="targetStride">Values from one row of the target to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* rows, long stride, int width, int height, float* target, long targetStride)
    {
        if (height == Side && Avx.IsSupported)
        {
            for (; width >= Side; width -= Side, rows += Side, target += Side * targetStride)
            {
                Square(rows, stride, target, targetStride);
            }
        }

        for (var r = 0; r < height; r++)
        {
            var from = rows + (r * stride);
            var to = target + r;
            for (var k = 0; k < width; k++, to += targetStride)
            {
                *to = from[k];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(float* rows, long stride, float* target, long targetStride)
    {
        var r0 = Vector256.Load(rows);
        var r1 = Vector256.Load(rows + stride);
        var r2 = Vector256.Load(rows + (2 * stride));
        var r3 = Vector256.Load(rows + (3 * stride));
        var r4 = Vector256.Load(rows + (4 * stride));
        var r5 = Vector256.Load(rows + (5 * stride));
        var r6 = Vector256.Load(rows + (6 * stride));
        var r7 = Vector256.Load(rows + (7 * stride));

        // Pairs, fours, then the two halves of the registers.
        var p0 = Avx.UnpackLow(r0, r1);
        var p1 = Avx.UnpackHigh(r0, r1);
        var p2 = Avx.UnpackLow(r2, r3);
        var p3 = Avx.UnpackHigh(r2, r3);
        var p4 = Avx.UnpackLow(r4, r5);
        var p5 = Avx.UnpackHigh(r4, r5);
        var p6 = Avx.UnpackLow(r6, r7);
        var p7 = Avx.UnpackHigh(r6, r7);
        var q0 = Avx.Shuffle(p0, p2, 0x44);
        var q1 = Avx.Shuffle(p0, p2, 0xee);
        var q2 = Avx.Shuffle(p1, p3, 0x44);
        var q3 = Avx.Shuffle(p1, p3, 0xee);
        var q4 = Avx.Shuffle(p4, p6, 0x44);
        var q5 = Avx.Shuffle(p4, p6, 0xee);
        var q6 = Avx.Shuffle(p5, p7, 0x44);
        var q7 = Avx.Shuffle(p5, p7, 0xee);
        Avx.Permute2x128(q0, q4, 0x20).Store(target);
        Avx.Permute2x128(q1, q5, 0x20).Store(target + targetStride);
        Avx.Permute2x128(q2, q6, 0x20).Store(target + (2 * targetStride));
        Avx.Permute2x128(q3, q7, 0x20).Store(target + (3 * targetStride));
        Avx.Permute2x128(q0, q4, 0x31).Store(target + (4 * targetStride));
        Avx.Permute2x128(q1, q5, 0x31).Store(target + (5 * targetStride));
        Avx.Permute2x128(q2, q6, 0x31).Store(target + (6 * targetStride));
        Avx.Permute2x128(q3, q7, 0x31).Store(target + (7 * targetStride));
    }
}
