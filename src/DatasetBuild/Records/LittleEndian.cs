using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace DatasetBuild.Records;

/// <summary>Numbers in bytes, for loops that read millions of them: code that is compiled ahead of time calls the framework's own readers for each.</summary>
internal static class LittleEndian
{
    /// <summary>The 8 bytes from here on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read64(ref byte bytes)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref bytes);
        return BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
    }
}
