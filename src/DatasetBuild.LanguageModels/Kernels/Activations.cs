using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>What stands between the two matrices of a feed-forward block.</summary>
internal enum Activation : byte
{
    /// <summary>x / (1 + e^-x), also called swish.</summary>
    Silu,

    /// <summary>x Phi(x), by the error function.</summary>
    Gelu,

    /// <summary>GELU by tanh.</summary>
    GeluTanh,

    /// <summary>x / (1 + e^-1.702x).</summary>
    GeluQuick,

    Relu,
}

internal static unsafe class Activations
{
    /// <summary>target = activation(target).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(Activation activation, float* target, int n)
    {
        for (var i = 0; i < n; i += Lanes.Count)
        {
            Lanes.Store(Of(activation, Lanes.Load(target + i, n - i)), target + i, n - i);
        }
    }

    /// <summary>target = activation(gate) * up (arXiv 2002.05202). The target may be either of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyGated(Activation activation, float* gate, float* up, float* target, int n)
    {
        for (var i = 0; i < n; i += Lanes.Count)
        {
            Lanes.Store(Of(activation, Lanes.Load(gate + i, n - i)) * Lanes.Load(up + i, n - i), target + i, n - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Of(Activation activation, Vector512<float> x) => activation switch
    {
        Activation.Silu => x / (Vector512.Create(1f) + Exponential.Exp(-x)),
        Activation.Gelu => Vector512.Create(0.5f) * x * (Vector512.Create(1f) + Exponential.Erf(x * Vector512.Create(0.70710678f))),
        Activation.GeluTanh => Vector512.Create(0.5f) * x * (Vector512.Create(1f) + Exponential.Tanh(
            Vector512.Create(0.79788456f) * Vector512.FusedMultiplyAdd(Vector512.Create(0.044715f) * x, x * x, x))),
        Activation.GeluQuick => x / (Vector512.Create(1f) + Exponential.Exp(Vector512.Create(-1.702f) * x)),
        _ => Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), Vector512<float>.Zero, x),
    };
}
