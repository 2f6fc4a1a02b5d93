using System.Runtime.InteropServices;

namespace DatasetBuild.Benchmarks;

/// <summary>The peer of matrix products, where Debian's <c>libopenblas0</c> is installed. It reads <c>OPENBLAS_CORETYPE</c> and <c>OPENBLAS_NUM_THREADS</c> when it is loaded.</summary>
internal static unsafe partial class OpenBlas
{
    private const string Library = "libopenblas.so.0";
    private const int RowMajor = 101;
    private const int AsIs = 111;
    private const int Transposed = 112;

    public static bool IsInstalled { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>target = rows weights^T; rows are <c>m x k</c>, weights <c>n x k</c>.</summary>
    public static void Multiply(float* rows, float* weights, float* target, int m, int n, int k) =>
        Sgemm(RowMajor, AsIs, Transposed, m, n, k, 1, rows, k, weights, k, 0, target, n);

    /// <summary>Which processor its kernels are for.</summary>
    public static string Core => Marshal.PtrToStringUTF8(GetCoreName()) ?? "";

    [LibraryImport(Library, EntryPoint = "cblas_sgemm")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Sgemm(
        int order, int transposeA, int transposeB, int m, int n, int k, float alpha, float* a, int strideA, float* b, int strideB, float beta, float* c, int strideC);

    [LibraryImport(Library, EntryPoint = "openblas_get_corename")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint GetCoreName();
}
