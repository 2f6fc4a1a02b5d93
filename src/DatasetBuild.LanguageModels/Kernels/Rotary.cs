using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>Cosines and sines of every position for rotary embedding (RoFormer, arXiv 2104.09864): tables of <c>positions x half</c>.</summary>
internal sealed unsafe class RotaryTable : IDisposable
{
    private readonly NativeBuffer buffer;

    /// <param name="frequencies">Radians a position for each pair of dimensions.</param>
    /// <param name="magnitude">What both tables are multiplied by (YaRN, LongRoPE).</param>
    /// <param name="positions">How many, from 0 on.</param>
    public RotaryTable(ReadOnlySpan<float> frequencies, float magnitude, int positions)
    {
        Half = frequencies.Length;
        Positions = positions;
        buffer = new NativeBuffer(2L * positions * Half * sizeof(float));
        for (var position = 0; position < positions; position++)
        {
            for (var i = 0; i < Half; i++)
            {
                var (sin, cos) = Elementary.SinCos((double)position * frequencies[i]);
                Cosines[((long)position * Half) + i] = (float)(cos * magnitude);
                Sines[((long)position * Half) + i] = (float)(sin * magnitude);
            }
        }
    }

    /// <summary>Pairs of dimensions that are turned.</summary>
    public int Half { get; }

    public int Positions { get; }

    private float* Cosines => buffer.Floats;

    private float* Sines => buffer.Floats + ((long)Positions * Half);

    /// <summary>Turns the first <c>2 half</c> dimensions of each head of one token; dimension i goes with dimension i + half.</summary>
    /// <param name="heads"><c>count x size</c> values.</param>
    /// <param name="count">Heads.</param>
    /// <param name="size">Dimensions of a head.</param>
    /// <param name="position">The token's place in its sequence.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Turn(float* heads, int count, int size, int position)
    {
        var cosines = Cosines + ((long)position * Half);
        var sines = Sines + ((long)position * Half);
        for (var head = 0; head < count; head++)
        {
            var first = heads + ((long)head * size);
            var second = first + Half;
            for (var i = 0; i < Half; i += Lanes.Count)
            {
                var left = Half - i;
                var a = Lanes.Load(first + i, left);
                var b = Lanes.Load(second + i, left);
                var cos = Lanes.Load(cosines + i, left);
                var sin = Lanes.Load(sines + i, left);
                Lanes.Store(Vector512.FusedMultiplyAdd(-b, sin, a * cos), first + i, left);
                Lanes.Store(Vector512.FusedMultiplyAdd(a, sin, b * cos), second + i, left);
            }
        }
    }

    public void Dispose() => buffer.Dispose();
}
