using System.Runtime.CompilerServices;

namespace DatasetBuild.Scoring;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014).</summary>
internal static class SplitMix64
{
    /// <summary>The next number of the sequence that <paramref name="state"/> stands in.</summary>
    public static ulong Next(ref ulong state) => Mix(state += 0x9E3779B97F4A7C15);

    /// <summary>Its finalizer: one to one, and every bit of the result hangs on every bit of <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
