using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DatasetBuild.Tasks;

/// <summary>
/// The engine as a program of machine code, which starts in a third of the time of the assembly. Beside that lies one for each level of the x86-64 architecture: a program
/// that a processor has not all instructions for ends at once.
/// </summary>
internal static class NativeEngine
{
    /// <summary>The program for this processor; null where there is none, and the assembly is what runs.</summary>
    public static string? Beside(string engineAssembly) => AllBeside(engineAssembly).FirstOrDefault();

    /// <summary>The programs that this processor has the instructions for, the fastest first.</summary>
    public static IEnumerable<string> AllBeside(string engineAssembly) =>
        Levels().Select(level => Path.Combine(Path.GetDirectoryName(engineAssembly)!, level, "dataset-engine")).Where(File.Exists);

    // Where 512 bits are slower than 256, the runtime says that they are not accelerated.
    private static IEnumerable<string> Levels()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !(Avx2.IsSupported && Bmi1.X64.IsSupported && Bmi2.X64.IsSupported && Fma.IsSupported && Lzcnt.X64.IsSupported))
        {
            yield break;
        }

        if (Vector512.IsHardwareAccelerated && Avx512F.VL.IsSupported && Avx512BW.VL.IsSupported && Avx512CD.VL.IsSupported && Avx512DQ.VL.IsSupported)
        {
            yield return "x86-64-v4";
        }

        yield return "x86-64-v3";
    }
}
