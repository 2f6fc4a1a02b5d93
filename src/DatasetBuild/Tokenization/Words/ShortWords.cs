using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using DatasetBuild.Records;

namespace DatasetBuild.Tokenization;

/// <summary>Words of up to 15 bytes as two numbers, padded with zeros, so that tables of them compare and hash numbers.</summary>
internal static class ShortWords
{
    /// <summary>Bytes of the longest of them.</summary>
    public const int Longest = 15;

    /// <summary>The bits of the high number that no word has: a table may keep there what it knows of it.</summary>
    public const int FreeBits = 8;

    private static ReadOnlySpan<ulong> LowMasks =>
    [
        0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF, ~0UL, ~0UL, ~0UL, ~0UL, ~0UL, ~0UL, ~0UL, ~0UL,
    ];

    private static ReadOnlySpan<ulong> HighMasks =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF,
    ];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(ReadOnlySpan<byte> text, int start, int length, out ulong low, out ulong high)
    {
        if (text.Length - start < 16)
        {
            (low, high) = LoadLast(text.Slice(start, length));
            return;
        }

        ref var first = ref MemoryMarshal.GetReference(text.Slice(start, 16));
        low = LittleEndian.Read64(ref first) & LowMasks[length];
        high = LittleEndian.Read64(ref Unsafe.Add(ref first, sizeof(ulong))) & HighMasks[length];
    }

    /// <summary>A hash of which the highest bits are the best.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hash(ulong low, ulong high) => (low * 0x9E3779B97F4A7C15) + (high * 0xC2B2AE3D27D4EB4F);

    /// <summary>Tells the processor which place of a table is needed soon. A hint, which never faults: it does not matter that an array may move meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch<T>(ref T place)
        where T : unmanaged
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref place));
        }
    }

    // Nothing behind the end of the text is read.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (ulong Low, ulong High) LoadLast(ReadOnlySpan<byte> word)
    {
        Span<byte> padded = stackalloc byte[16];
        word.CopyTo(padded);
        return (BinaryPrimitives.ReadUInt64LittleEndian(padded), BinaryPrimitives.ReadUInt64LittleEndian(padded[8..]));
    }
}
