using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
    public static ulong Hash(ReadOnlySpan<byte> data)
    {
        var rest = data;
        ulong hash;
        if (data.Length >= 32)
        {
            // Four independent lanes: the multiplier's latency is hidden behind the other three.
            ulong a = unchecked(Prime1 + Prime2), b = Prime2, c = 0, d = unchecked(0UL - Prime1);
            var words = MemoryMarshal.Cast<byte, ulong>(data[..(data.Length & ~31)]);
            for (var i = 0; i <= words.Length - 4; i += 4)
            {
                a = Round(a, LittleEndian(words[i]));
                b = Round(b, LittleEndian(words[i + 1]));
                c = Round(c, LittleEndian(words[i + 2]));
                d = Round(d, LittleEndian(words[i + 3]));
            }

            hash = RotateLeft(a, 1) + RotateLeft(b, 7) + RotateLeft(c, 12) + RotateLeft(d, 18);
            hash = MergeRound(MergeRound(MergeRound(MergeRound(hash, a), b), c), d);
            rest = data[(data.Length & ~31)..];
        }
        else
        {
            hash = Prime5;
        }

        return Finish(hash + (ulong)data.Length, rest);
    }

    private static ulong Finish(ulong hash, ReadOnlySpan<byte> rest)
    {
        for (; rest.Length >= 8; rest = rest[8..])
        {
            hash = (RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * Prime1) + Prime4;
        }

        if (rest.Length >= 4)
        {
            hash = (RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * Prime1), 23) * Prime2) + Prime3;
            rest = rest[4..];
        }

        foreach (var value in rest)
        {
            hash = RotateLeft(hash ^ (value * Prime5), 11) * Prime1;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LittleEndian(ulong word) => BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
}
