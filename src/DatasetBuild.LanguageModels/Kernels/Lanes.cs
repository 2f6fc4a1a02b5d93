using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>
/// Sixteen virtual lanes: the unit of every reduction but matrix products. A machine with narrower registers, or none, computes the same sixteen lanes in pieces, so that sums
/// have the same bits everywhere.
/// </summary>
internal static unsafe class Lanes
{
    public const int Count = 16;

    /// <summary>Sixteen values from <paramref name="source"/>, of which <paramref name="left"/> exist; the others are <paramref name="fill"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int left, float fill = 0) => left >= Count ? Vector512.Load(source) : LoadSome(source, left, fill);

    /// <summary>Writes the first <paramref name="left"/> values, at most sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, float* target, int left)
    {
        if (left >= Count)
        {
            values.Store(target);
        }
        else
        {
            StoreSome(values, target, left);
        }
    }

    /// <summary>The sum by a fixed tree: halves, quarters, pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> values)
    {
        var eight = values.GetLower() + values.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        return (four.GetElement(0) + four.GetElement(2)) + (four.GetElement(1) + four.GetElement(3));
    }

    /// <summary>The largest value; NaN is passed over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector512<float> values)
    {
        var eight = Larger(values.GetLower(), values.GetUpper());
        var four = Larger(eight.GetLower(), eight.GetUpper());
        var left = Larger(four.GetElement(0), four.GetElement(2));
        return Larger(left, Larger(four.GetElement(1), four.GetElement(3)));
    }

    /// <summary>The larger of each pair; where either is NaN, <paramref name="first"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Larger(Vector512<float> first, Vector512<float> second) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(second, first), second, first);

    private static Vector256<float> Larger(Vector256<float> first, Vector256<float> second) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(second, first), second, first);

    private static Vector128<float> Larger(Vector128<float> first, Vector128<float> second) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(second, first), second, first);

    private static float Larger(float first, float second) => second > first ? second : first;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> LoadSome(float* source, int left, float fill)
    {
        var lanes = stackalloc float[Count];
        for (var i = 0; i < Count; i++)
        {
            lanes[i] = i < left ? source[i] : fill;
        }

        return Vector512.Load(lanes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreSome(Vector512<float> values, float* target, int left)
    {
        var lanes = stackalloc float[Count];
        values.Store(lanes);
        for (var i = 0; i < left; i++)
        {
            target[i] = lanes[i];
        }
    }
}
