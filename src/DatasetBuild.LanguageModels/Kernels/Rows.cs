using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>Element by element over a row.</summary>
internal static unsafe class Rows
{
    /// <summary>target += values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* target, float* values, long n)
    {
        for (long i = 0; i < n; i += Lanes.Count)
        {
            var left = (int)Math.Min(Lanes.Count, n - i);
            Lanes.Store(Lanes.Load(target + i, left) + Lanes.Load(values + i, left), target + i, left);
        }
    }

    /// <summary>target += factor values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float* target, float* values, float factor, int n)
    {
        var times = Vector512.Create(factor);
        for (var i = 0; i < n; i += Lanes.Count)
        {
            Lanes.Store(Vector512.FusedMultiplyAdd(times, Lanes.Load(values + i, n - i), Lanes.Load(target + i, n - i)), target + i, n - i);
        }
    }

    /// <summary>target *= factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* target, float factor, int n)
    {
        var times = Vector512.Create(factor);
        for (var i = 0; i < n; i += Lanes.Count)
        {
            Lanes.Store(Lanes.Load(target + i, n - i) * times, target + i, n - i);
        }
    }

    /// <summary>Brings every value into [-limit, limit].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Clip(float* target, float limit, int n)
    {
        var high = Vector512.Create(limit);
        for (var i = 0; i < n; i += Lanes.Count)
        {
            var v = Lanes.Load(target + i, n - i);
            v = Vector512.ConditionalSelect(Vector512.GreaterThan(v, high), high, v);
            Lanes.Store(Vector512.ConditionalSelect(Vector512.LessThan(v, -high), -high, v), target + i, n - i);
        }
    }

    /// <summary>A soft cap (Gemma 2, arXiv 2408.00118): target = cap tanh(target / cap).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cap(float* target, float cap, int n)
    {
        var times = Vector512.Create(cap);
        for (var i = 0; i < n; i += Lanes.Count)
        {
            Lanes.Store(times * Exponential.Tanh(Lanes.Load(target + i, n - i) / times), target + i, n - i);
        }
    }

    /// <summary>target = softmax(target): the values become shares that sum to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* target, int n)
    {
        var largest = Vector512.Create(float.NegativeInfinity);
        for (var i = 0; i < n; i += Lanes.Count)
        {
            largest = Lanes.Larger(largest, Lanes.Load(target + i, n - i, float.NegativeInfinity));
        }

        var max = Vector512.Create(Lanes.Max(largest));
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < n; i += Lanes.Count)
        {
            var share = Exponential.Exp(Lanes.Load(target + i, n - i) - max);
            Lanes.Store(share, target + i, n - i);
            sum += Lanes.Load(target + i, n - i);
        }

        Scale(target, 1 / Lanes.Sum(sum), n);
    }
}
