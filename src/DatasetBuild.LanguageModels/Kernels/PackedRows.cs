using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>
/// Rows of activations in the order in which a product reads them: for each block of inputs, for each group of eight rows, <c>[inputs][8]</c>. The last group is filled up with zeros.
/// </summary>
internal sealed unsafe class PackedRows : IDisposable
{
    /// <summary>Rows of one tile.</summary>
    public const int GroupHeight = 8;

    /// <summary>Inputs of a block: its piece of a panel and eight rows stay in the second-level cache.</summary>
    public const int BlockInputs = 1024;

    /// <summary>Rows that are packed at a time.</summary>
    public const int MaxRows = 192;

    private NativeBuffer? buffer;

    public int Count { get; private set; }

    public int Inputs { get; private set; }

    public int Groups => (Count + GroupHeight - 1) / GroupHeight;

    /// <summary>Packs <paramref name="count"/> rows of <paramref name="inputs"/> values.</summary>
    /// <param name="rows">The first of them.</param>
    /// <param name="stride">Values from one to the next.</param>
    /// <param name="count">At most <see cref="MaxRows"/>.</param>
    /// <param name="inputs">Values of a row.</param>
    public void Pack(float* rows, long stride, int count, int inputs)
    {
        Count = count;
        Inputs = inputs;
        var bytes = (long)MaxRows * inputs * sizeof(float);
        if (buffer is null || buffer.Bytes < bytes)
        {
            buffer?.Dispose();
            buffer = new NativeBuffer(bytes);
        }

        for (var start = 0; start < inputs; start += BlockInputs)
        {
            var width = Math.Min(BlockInputs, inputs - start);
            for (var group = 0; group < Groups; group++)
            {
                var height = Math.Min(GroupHeight, count - (group * GroupHeight));
                var from = rows + (group * GroupHeight * stride) + start;
                var to = Group(group, start);
                Transpose(from, stride, width, height, to);
            }
        }
    }

    /// <summary>A group's values from input <paramref name="start"/> on, which is a multiple of <see cref="BlockInputs"/>.</summary>
    public float* Group(int group, int start) =>
        buffer!.Floats + ((long)start * Groups * GroupHeight) + ((long)group * GroupHeight * Math.Min(BlockInputs, Inputs - start));

    public void Dispose() => buffer?.Dispose();

    /// <summary>Up to eight rows side by side: target[k, r] = rows[r, k], zeros where there is no row.</summary>
    public static void Transpose(float* rows, long stride, int width, int height, float* target)
    {
        if (height == GroupHeight && Avx.IsSupported)
        {
            var whole = width & ~7;
            TransposeWhole(rows, stride, whole, target);
            rows += whole;
            width -= whole;
            target += whole * GroupHeight;
        }

        for (var k = 0; k < width; k++)
        {
            for (var r = 0; r < GroupHeight; r++)
            {
                target[(k * GroupHeight) + r] = r < height ? rows[(r * stride) + k] : 0;
            }
        }
    }

    private static void TransposeWhole(float* rows, long stride, int width, float* target)
    {
        for (var k = 0; k < width; k += 8)
        {
            var r0 = Vector256.Load(rows + k);
            var r1 = Vector256.Load(rows + stride + k);
            var r2 = Vector256.Load(rows + (2 * stride) + k);
            var r3 = Vector256.Load(rows + (3 * stride) + k);
            var r4 = Vector256.Load(rows + (4 * stride) + k);
            var r5 = Vector256.Load(rows + (5 * stride) + k);
            var r6 = Vector256.Load(rows + (6 * stride) + k);
            var r7 = Vector256.Load(rows + (7 * stride) + k);

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
            var to = target + (k * GroupHeight);
            Avx.Permute2x128(q0, q4, 0x20).Store(to);
            Avx.Permute2x128(q1, q5, 0x20).Store(to + 8);
            Avx.Permute2x128(q2, q6, 0x20).Store(to + 16);
            Avx.Permute2x128(q3, q7, 0x20).Store(to + 24);
            Avx.Permute2x128(q0, q4, 0x31).Store(to + 32);
            Avx.Permute2x128(q1, q5, 0x31).Store(to + 40);
            Avx.Permute2x128(q2, q6, 0x31).Store(to + 48);
            Avx.Permute2x128(q3, q7, 0x31).Store(to + 56);
        }
    }
}
