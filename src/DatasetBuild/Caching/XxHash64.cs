using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>
/// XXH64 with seed 0, as published by Yann Collet (xxHash specification, section "XXH64 algorithm"). A checksum against accidents,
/// several bytes a cycle; never used where somebody could gain from a collision.
/// </summary>
public static class XxHash64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    /// <summary>The 64-bit hash of all bytes of <paramref name="data"/>; the same on every machine.</summary>
    public static ulong Hash(ReadOnlySpan<byte> data) => Hash(ref MemoryMarshal.GetReference(data), data.Length);

    /// <summary>The same of the bytes from <paramref name="data"/> on: for kernels that hash one short stretch after the other.</summary>
    internal static ulong Hash(ref byte data, int length)
    {
        var rest = length;
        ulong hash;
        if (length >= 32)
        {
            // Four independent lanes: the multiplier's latency is hidden behind the other three.
            ulong a = unchecked(Prime1 + Prime2), b = Prime2, c = 0, d = unchecked(0UL - Prime1);
            for (; rest >= 32; rest -= 32)
            {
                a = Round(a, LittleEndian.Read64(ref data));
                b = Round(b, LittleEndian.Read64(ref Unsafe.Add(ref data, 8)));
                c = Round(c, LittleEndian.Read64(ref Unsafe.Add(ref data, 16)));
                d = Round(d, LittleEndian.Read64(ref Unsafe.Add(ref data, 24)));
                data = ref Unsafe.Add(ref data, 32);
            }

            hash = RotateLeft(a, 1) + RotateLeft(b, 7) + RotateLeft(c, 12) + RotateLeft(d, 18);
            hash = MergeRound(MergeRound(MergeRound(MergeRound(hash, a), b), c), d);
        }
        else
        {
            hash = Prime5;
        }

        hash += (ulong)length;
        for (; rest >= 8; rest -= 8)
        {
            hash = (RotateLeft(hash ^ Round(0, LittleEndian.Read64(ref data)), 27) * Prime1) + Prime4;
            data = ref Unsafe.Add(ref data, 8);
        }

        if (rest >= 4)
        {
            var word = Unsafe.ReadUnaligned<uint>(ref data);
            hash = (RotateLeft(hash ^ ((BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word)) * Prime1), 23) * Prime2) + Prime3;
            data = ref Unsafe.Add(ref data, 4);
            rest -= 4;
        }

        for (; rest > 0; rest--)
        {
            hash = RotateLeft(hash ^ (data * Prime5), 11) * Prime1;
            data = ref Unsafe.Add(ref data, 1);
        }

        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    // Left to itself, ahead-of-time compilation calls these four times for 32 bytes, which doubles the time of a read.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Round(ulong lane, ulong input) => RotateLeft(lane + (input * Prime2), 31) * Prime1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MergeRound(ulong hash, ulong lane) => ((hash ^ Round(0, lane)) * Prime1) + Prime4;

    // As BitOperations has it, which code that is compiled ahead of time would call instead of inlining.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong RotateLeft(ulong value, int bits) => (value << bits) | (value >> (64 - bits));
}
