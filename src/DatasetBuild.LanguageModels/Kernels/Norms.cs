using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>Normalisation of one row.</summary>
internal static unsafe class Norms
{
    /// <summary>RMSNorm (arXiv 1910.07467): y = x / sqrt(mean(x^2) + epsilon) * (weight + offset).</summary>
    /// <param name="x">n values.</param>
    /// <param name="weight">n values.</param>
    /// <param name="offset">0, or 1 for Gemma, which stores weights less one.</param>
    /// <param name="y">n values; may be x.</param>
    /// <param name="n">Length of the row.</param>
    /// <param name="epsilon">Keeps a row of zeros finite.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rms(float* x, float* weight, float offset, float* y, int n, float epsilon)
    {
        var squares = Vector512<float>.Zero;
        for (var i = 0; i < n; i += Lanes.Count)
        {
            var v = Lanes.Load(x + i, n - i);
            squares = Vector512.FusedMultiplyAdd(v, v, squares);
        }

        var scale = Vector512.Create(1 / MathF.Sqrt((Lanes.Sum(squares) / n) + epsilon));
        var shift = Vector512.Create(offset);
        for (var i = 0; i < n; i += Lanes.Count)
        {
            Lanes.Store(Lanes.Load(x + i, n - i) * scale * (Lanes.Load(weight + i, n - i) + shift), y + i, n - i);
        }
    }

    /// <summary>LayerNorm (arXiv 1607.06450): y = (x - mean) / sqrt(variance + epsilon) * weight + bias.</summary>
    /// <param name="x">n values.</param>
    /// <param name="weight">n values; null: ones.</param>
    /// <param name="bias">n values; null: zeros.</param>
    /// <param name="y">n values; may be x.</param>
    /// <param name="n">Length of the row.</param>
    /// <param name="epsilon">Keeps a constant row finite.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Layer(float* x, float* weight, float* bias, float* y, int n, float epsilon)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < n; i += Lanes.Count)
        {
            sum += Lanes.Load(x + i, n - i);
        }

        var average = Lanes.Sum(sum) / n;
        var mean = Vector512.Create(average);
        var squares = Vector512<float>.Zero;
        for (var i = 0; i < n; i += Lanes.Count)
        {
            var v = Lanes.Load(x + i, n - i, average) - mean;
            squares = Vector512.FusedMultiplyAdd(v, v, squares);
        }

        var scale = Vector512.Create(1 / MathF.Sqrt((Lanes.Sum(squares) / n) + epsilon));
        for (var i = 0; i < n; i += Lanes.Count)
        {
            var v = (Lanes.Load(x + i, n - i) - mean) * scale;
            v = weight is null ? v : v * Lanes.Load(weight + i, n - i);
            Lanes.Store(bias is null ? v : v + Lanes.Load(bias + i, n - i), y + i, n - i);
        }
    }
}
