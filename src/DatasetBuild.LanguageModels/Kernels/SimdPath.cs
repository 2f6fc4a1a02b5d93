using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace DatasetBuild.LanguageModels.Kernels;

/// <summary>How wide the tiles of a matrix product are. Every path gives the same bits; they differ in speed alone.</summary>
internal enum SimdPath
{
    Scalar,
    Vector128,
    Vector256,
    Vector512,
}

internal static class SimdPaths
{
    /// <summary>The widest path that this machine runs with a fused multiply-add of its own.</summary>
    public static SimdPath Widest =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? SimdPath.Vector512
        : Vector256.IsHardwareAccelerated && Fma.IsSupported ? SimdPath.Vector256
        : Vector128.IsHardwareAccelerated && (Fma.IsSupported || AdvSimd.IsSupported) ? SimdPath.Vector128
        : SimdPath.Scalar;
}
