using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>
/// The innermost part of every matrix product: an 8 x 48 tile of outputs, held in registers while the inputs pass by. Each output is a chain of fused multiply-adds in the order of the
/// inputs, which is why every width gives the same bits.
/// </summary>
internal static unsafe class Tile
{
    /// <summary>target[r, c] = sum over k of rows[k, r] panel[k, c], r of 8, c of 48.</summary>
    /// <param name="path">How wide.</param>
    /// <param name="rows">[inputs][8].</param>
    /// <param name="panel">[inputs][48].</param>
    /// <param name="inputs">How many.</param>
    /// <param name="target">8 rows of 48 values.</param>
    /// <param name="stride">Values from one row of the target to the next.</param>
    /// <param name="width">Columns that are asked for; the others may hold anything.</param>
    /// <param name="goesOn">The sums go on from what the target holds, as those of a further block of inputs do; otherwise from 0.</param>
    public static void Multiply(SimdPath path, float* rows, float* panel, int inputs, float* target, long stride, int width, bool goesOn)
    {
        switch (path)
        {
            case SimdPath.Vector512 when width <= Vector512<float>.Count:
                MultiplyNarrow512(rows, panel, inputs, target, stride, goesOn);
                break;
            case SimdPath.Vector512:
                Multiply512(rows, panel, inputs, target, stride, goesOn);
                break;
            case SimdPath.Vector256:
                for (var c = 0; c < width; c += 24)
                {
                    Multiply256(rows, panel + c, inputs, target + c, stride, goesOn);
                    Multiply256(rows + 4, panel + c, inputs, target + (4 * stride) + c, stride, goesOn);
                }

                break;
            case SimdPath.Vector128:
                for (var c = 0; c < width; c += 12)
                {
                    Multiply128(rows, panel + c, inputs, target + c, stride, goesOn);
                    Multiply128(rows + 4, panel + c, inputs, target + (4 * stride) + c, stride, goesOn);
                }

                break;
            default:
                MultiplyScalar(rows, panel, inputs, target, stride, width, goesOn);
                break;
        }
    }

    private static void MultiplyScalar(float* rows, float* panel, int inputs, float* target, long stride, int width, bool goesOn)
    {
        for (var r = 0; r < 8; r++)
        {
            for (var c = 0; c < width; c++)
            {
                var sum = goesOn ? target[(r * stride) + c] : 0;
                for (var k = 0; k < inputs; k++)
                {
                    sum = MathF.FusedMultiplyAdd(rows[(k * 8) + r], panel[(k * 48) + c], sum);
                }

                target[(r * stride) + c] = sum;
            }
        }
    }

    /// <summary>8 x 48: 24 of 32 registers hold sums, 3 a row of the panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply512(float* rows, float* panel, int inputs, float* target, long stride, bool goesOn)
    {
        Vector512<float> c00 = default, c01 = default, c02 = default;
        Vector512<float> c10 = default, c11 = default, c12 = default;
        Vector512<float> c20 = default, c21 = default, c22 = default;
        Vector512<float> c30 = default, c31 = default, c32 = default;
        Vector512<float> c40 = default, c41 = default, c42 = default;
        Vector512<float> c50 = default, c51 = default, c52 = default;
        Vector512<float> c60 = default, c61 = default, c62 = default;
        Vector512<float> c70 = default, c71 = default, c72 = default;
        if (goesOn)
        {
            c00 = Vector512.Load(target);
            c01 = Vector512.Load(target + 16);
            c02 = Vector512.Load(target + 32);
            c10 = Vector512.Load(target + stride);
            c11 = Vector512.Load(target + stride + 16);
            c12 = Vector512.Load(target + stride + 32);
            c20 = Vector512.Load(target + (2 * stride));
            c21 = Vector512.Load(target + (2 * stride) + 16);
            c22 = Vector512.Load(target + (2 * stride) + 32);
            c30 = Vector512.Load(target + (3 * stride));
            c31 = Vector512.Load(target + (3 * stride) + 16);
            c32 = Vector512.Load(target + (3 * stride) + 32);
            c40 = Vector512.Load(target + (4 * stride));
            c41 = Vector512.Load(target + (4 * stride) + 16);
            c42 = Vector512.Load(target + (4 * stride) + 32);
            c50 = Vector512.Load(target + (5 * stride));
            c51 = Vector512.Load(target + (5 * stride) + 16);
            c52 = Vector512.Load(target + (5 * stride) + 32);
            c60 = Vector512.Load(target + (6 * stride));
            c61 = Vector512.Load(target + (6 * stride) + 16);
            c62 = Vector512.Load(target + (6 * stride) + 32);
            c70 = Vector512.Load(target + (7 * stride));
            c71 = Vector512.Load(target + (7 * stride) + 16);
            c72 = Vector512.Load(target + (7 * stride) + 32);
        }

        for (var k = 0; k < inputs; k++)
        {
            var b0 = Vector512.Load(panel);
            var b1 = Vector512.Load(panel + 16);
            var b2 = Vector512.Load(panel + 32);
            var a = Vector512.Create(rows[0]);
            c00 = Vector512.FusedMultiplyAdd(a, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(a, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(a, b2, c02);
            a = Vector512.Create(rows[1]);
            c10 = Vector512.FusedMultiplyAdd(a, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(a, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(a, b2, c12);
            a = Vector512.Create(rows[2]);
            c20 = Vector512.FusedMultiplyAdd(a, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(a, b1, c21);
            c22 = Vector512.FusedMultiplyAdd(a, b2, c22);
            a = Vector512.Create(rows[3]);
            c30 = Vector512.FusedMultiplyAdd(a, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(a, b1, c31);
            c32 = Vector512.FusedMultiplyAdd(a, b2, c32);
            a = Vector512.Create(rows[4]);
            c40 = Vector512.FusedMultiplyAdd(a, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(a, b1, c41);
            c42 = Vector512.FusedMultiplyAdd(a, b2, c42);
            a = Vector512.Create(rows[5]);
            c50 = Vector512.FusedMultiplyAdd(a, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(a, b1, c51);
            c52 = Vector512.FusedMultiplyAdd(a, b2, c52);
            a = Vector512.Create(rows[6]);
            c60 = Vector512.FusedMultiplyAdd(a, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(a, b1, c61);
            c62 = Vector512.FusedMultiplyAdd(a, b2, c62);
            a = Vector512.Create(rows[7]);
            c70 = Vector512.FusedMultiplyAdd(a, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(a, b1, c71);
            c72 = Vector512.FusedMultiplyAdd(a, b2, c72);
            rows += 8;
            panel += 48;
        }

        c00.Store(target);
        c01.Store(target + 16);
        c02.Store(target + 32);
        c10.Store(target + stride);
        c11.Store(target + stride + 16);
        c12.Store(target + stride + 32);
        c20.Store(target + (2 * stride));
        c21.Store(target + (2 * stride) + 16);
        c22.Store(target + (2 * stride) + 32);
        c30.Store(target + (3 * stride));
        c31.Store(target + (3 * stride) + 16);
        c32.Store(target + (3 * stride) + 32);
        c40.Store(target + (4 * stride));
        c41.Store(target + (4 * stride) + 16);
        c42.Store(target + (4 * stride) + 32);
        c50.Store(target + (5 * stride));
        c51.Store(target + (5 * stride) + 16);
        c52.Store(target + (5 * stride) + 32);
        c60.Store(target + (6 * stride));
        c61.Store(target + (6 * stride) + 16);
        c62.Store(target + (6 * stride) + 32);
        c70.Store(target + (7 * stride));
        c71.Store(target + (7 * stride) + 16);
        c72.Store(target + (7 * stride) + 32);
    }

    /// <summary>8 x 16, for the last panel of a matrix: 8 registers hold sums, 1 a row of the panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MultiplyNarrow512(float* rows, float* panel, int inputs, float* target, long stride, bool goesOn)
    {
        Vector512<float> c0 = default;
        Vector512<float> c1 = default;
        Vector512<float> c2 = default;
        Vector512<float> c3 = default;
        Vector512<float> c4 = default;
        Vector512<float> c5 = default;
        Vector512<float> c6 = default;
        Vector512<float> c7 = default;
        if (goesOn)
        {
            c0 = Vector512.Load(target);
            c1 = Vector512.Load(target + stride);
            c2 = Vector512.Load(target + (2 * stride));
            c3 = Vector512.Load(target + (3 * stride));
            c4 = Vector512.Load(target + (4 * stride));
            c5 = Vector512.Load(target + (5 * stride));
            c6 = Vector512.Load(target + (6 * stride));
            c7 = Vector512.Load(target + (7 * stride));
        }

        for (var k = 0; k < inputs; k++)
        {
            var b = Vector512.Load(panel);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(rows[0]), b, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(rows[1]), b, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(rows[2]), b, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(rows[3]), b, c3);
            c4 = Vector512.FusedMultiplyAdd(Vector512.Create(rows[4]), b, c4);
            c5 = Vector512.FusedMultiplyAdd(Vector512.Create(rows[5]), b, c5);
            c6 = Vector512.FusedMultiplyAdd(Vector512.Create(rows[6]), b, c6);
            c7 = Vector512.FusedMultiplyAdd(Vector512.Create(rows[7]), b, c7);
            rows += 8;
            panel += 48;
        }

        c0.Store(target);
        c1.Store(target + stride);
        c2.Store(target + (2 * stride));
        c3.Store(target + (3 * stride));
        c4.Store(target + (4 * stride));
        c5.Store(target + (5 * stride));
        c6.Store(target + (6 * stride));
        c7.Store(target + (7 * stride));
    }

    /// <summary>4 x 24: 12 of 16 registers hold sums, 3 a row of the panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply256(float* rows, float* panel, int inputs, float* target, long stride, bool goesOn)
    {
        Vector256<float> c00 = default, c01 = default, c02 = default;
        Vector256<float> c10 = default, c11 = default, c12 = default;
        Vector256<float> c20 = default, c21 = default, c22 = default;
        Vector256<float> c30 = default, c31 = default, c32 = default;
        if (goesOn)
        {
            c00 = Vector256.Load(target);
            c01 = Vector256.Load(target + 8);
            c02 = Vector256.Load(target + 16);
            c10 = Vector256.Load(target + stride);
            c11 = Vector256.Load(target + stride + 8);
            c12 = Vector256.Load(target + stride + 16);
            c20 = Vector256.Load(target + (2 * stride));
            c21 = Vector256.Load(target + (2 * stride) + 8);
            c22 = Vector256.Load(target + (2 * stride) + 16);
            c30 = Vector256.Load(target + (3 * stride));
            c31 = Vector256.Load(target + (3 * stride) + 8);
            c32 = Vector256.Load(target + (3 * stride) + 16);
        }

        for (var k = 0; k < inputs; k++)
        {
            var b0 = Vector256.Load(panel);
            var b1 = Vector256.Load(panel + 8);
            var b2 = Vector256.Load(panel + 16);
            var a = Vector256.Create(rows[0]);
            c00 = Vector256.FusedMultiplyAdd(a, b0, c00);
            c01 = Vector256.FusedMultiplyAdd(a, b1, c01);
            c02 = Vector256.FusedMultiplyAdd(a, b2, c02);
            a = Vector256.Create(rows[1]);
            c10 = Vector256.FusedMultiplyAdd(a, b0, c10);
            c11 = Vector256.FusedMultiplyAdd(a, b1, c11);
            c12 = Vector256.FusedMultiplyAdd(a, b2, c12);
            a = Vector256.Create(rows[2]);
            c20 = Vector256.FusedMultiplyAdd(a, b0, c20);
            c21 = Vector256.FusedMultiplyAdd(a, b1, c21);
            c22 = Vector256.FusedMultiplyAdd(a, b2, c22);
            a = Vector256.Create(rows[3]);
            c30 = Vector256.FusedMultiplyAdd(a, b0, c30);
            c31 = Vector256.FusedMultiplyAdd(a, b1, c31);
            c32 = Vector256.FusedMultiplyAdd(a, b2, c32);
            rows += 8;
            panel += 48;
        }

        c00.Store(target);
        c01.Store(target + 8);
        c02.Store(target + 16);
        c10.Store(target + stride);
        c11.Store(target + stride + 8);
        c12.Store(target + stride + 16);
        c20.Store(target + (2 * stride));
        c21.Store(target + (2 * stride) + 8);
        c22.Store(target + (2 * stride) + 16);
        c30.Store(target + (3 * stride));
        c31.Store(target + (3 * stride) + 8);
        c32.Store(target + (3 * stride) + 16);
    }

    /// <summary>4 x 12: 12 of 16 registers hold sums, 3 a row of the panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply128(float* rows, float* panel, int inputs, float* target, long stride, bool goesOn)
    {
        Vector128<float> c00 = default, c01 = default, c02 = default;
        Vector128<float> c10 = default, c11 = default, c12 = default;
        Vector128<float> c20 = default, c21 = default, c22 = default;
        Vector128<float> c30 = default, c31 = default, c32 = default;
        if (goesOn)
        {
            c00 = Vector128.Load(target);
            c01 = Vector128.Load(target + 4);
            c02 = Vector128.Load(target + 8);
            c10 = Vector128.Load(target + stride);
            c11 = Vector128.Load(target + stride + 4);
            c12 = Vector128.Load(target + stride + 8);
            c20 = Vector128.Load(target + (2 * stride));
            c21 = Vector128.Load(target + (2 * stride) + 4);
            c22 = Vector128.Load(target + (2 * stride) + 8);
            c30 = Vector128.Load(target + (3 * stride));
            c31 = Vector128.Load(target + (3 * stride) + 4);
            c32 = Vector128.Load(target + (3 * stride) + 8);
        }

        for (var k = 0; k < inputs; k++)
        {
            var b0 = Vector128.Load(panel);
            var b1 = Vector128.Load(panel + 4);
            var b2 = Vector128.Load(panel + 8);
            var a = Vector128.Create(rows[0]);
            c00 = Vector128.FusedMultiplyAdd(a, b0, c00);
            c01 = Vector128.FusedMultiplyAdd(a, b1, c01);
            c02 = Vector128.FusedMultiplyAdd(a, b2, c02);
            a = Vector128.Create(rows[1]);
            c10 = Vector128.FusedMultiplyAdd(a, b0, c10);
            c11 = Vector128.FusedMultiplyAdd(a, b1, c11);
            c12 = Vector128.FusedMultiplyAdd(a, b2, c12);
            a = Vector128.Create(rows[2]);
            c20 = Vector128.FusedMultiplyAdd(a, b0, c20);
            c21 = Vector128.FusedMultiplyAdd(a, b1, c21);
            c22 = Vector128.FusedMultiplyAdd(a, b2, c22);
            a = Vector128.Create(rows[3]);
            c30 = Vector128.FusedMultiplyAdd(a, b0, c30);
            c31 = Vector128.FusedMultiplyAdd(a, b1, c31);
            c32 = Vector128.FusedMultiplyAdd(a, b2, c32);
            rows += 8;
            panel += 48;
        }

        c00.Store(target);
        c01.Store(target + 4);
        c02.Store(target + 8);
        c10.Store(target + stride);
        c11.Store(target + stride + 4);
        c12.Store(target + stride + 8);
        c20.Store(target + (2 * stride));
        c21.Store(target + (2 * stride) + 4);
        c22.Store(target + (2 * stride) + 8);
        c30.Store(target + (3 * stride));
        c31.Store(target + (3 * stride) + 4);
        c32.Store(target + (3 * stride) + 8);
    }
}
