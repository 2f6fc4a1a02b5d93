using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Scoring;

/// <summary>
/// Hashes of shingles from hashes of their units, so that each unit is read once however many shingles it is part of: a polynomial modulo 2^64, whose next value follows from
/// the last one in two multiplications. Equal sequences of units have equal hashes; others differ but for an accident of 64 bits. Reused from text to text; not for several threads at once.
/// </summary>
internal sealed class UnitHashes(int size)
{
    /// <summary>Behind a text there must be so many bytes that may be read.</summary>
    public const int Room = sizeof(ulong);

    /// <summary>Room that one long text took is let go after it.</summary>
    private const int MaxKept = 1 << 20;

    private const ulong Base = 0x9FB21C651E98DF25;
    private const ulong UnitMixer = 0xD6E8FEB86659FD93;
    private const ulong EndMultiplier = 0x9E3779B97F4A7C15;
    private const ulong ShingleMixer = 0xE7037ED1A0B428DB;

    private readonly ulong leaving = Power(size);
    private ulong[] units = [];
    private ulong sum;

    /// <summary>Reads the units of a text.</summary>
    /// <param name="text">Units, and <see cref="Room"/> behind them.</param>
    /// <param name="starts">Where each unit starts, and one more where another one would; more units than a shingle has, or as many.</param>
    /// <param name="gap">How many bytes lie between two units.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read(ref byte text, ReadOnlySpan<int> starts, int gap)
    {
        if (units.Length < starts.Length || units.Length > Math.Max(MaxKept, starts.Length * 2))
        {
            units = new ulong[starts.Length + (starts.Length / 4)];
        }

        ref var hash = ref MemoryMarshal.GetArrayDataReference(units);
        for (var i = 0; i < starts.Length - 1; i++)
        {
            var length = starts[i + 1] - gap - starts[i];
            ref var unit = ref Unsafe.Add(ref text, starts[i]);
            var bits = length <= 2 * sizeof(ulong) ? Bits(ref unit, length) : XxHash64.Hash(ref unit, length);
            bits = (bits ^ (uint)length) * UnitMixer;
            Unsafe.Add(ref hash, i) = (bits ^ (bits >> 32)) * UnitMixer;
        }

        sum = 0;
        for (var i = 0; i < size - 1; i++)
        {
            sum = (sum * Base) + units[i];
        }
    }

    /// <summary>The hashes of the shingles from number <paramref name="first"/> on, which go on where those of the last call ended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int first, Span<ulong> hashes)
    {
        ref var entering = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(units), first + size - 1);
        ref var gone = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(units), first);
        var rolling = sum;
        for (var i = 0; i < hashes.Length; i++)
        {
            rolling = (rolling * Base) + Unsafe.Add(ref entering, i);
            var mixed = (rolling ^ (rolling >> 32)) * ShingleMixer;
            hashes[i] = mixed ^ (mixed >> 29);
            rolling -= Unsafe.Add(ref gone, i) * leaving;
        }

        sum = rolling;
    }

    /// <summary>Up to 16 bytes: the first eight, and the last eight where there are more, which a branch would guess wrong for every fifth word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bits(ref byte unit, int length)
    {
        var isLong = (sizeof(ulong) - length) >> 31; // all bits, or none
        var start = LittleEndian.Read64(ref unit) & (ulong.MaxValue >> ((64 - (8 * length)) & ~isLong));
        var end = LittleEndian.Read64(ref Unsafe.Add(ref unit, (length - sizeof(ulong)) & isLong)) & (ulong)(long)isLong;
        return start ^ BitOperations.RotateLeft(end * EndMultiplier, 32);
    }

    /// <summary>What the first unit of a shingle was multiplied by in all.</summary>
    private static ulong Power(int size)
    {
        ulong power = 1;
        for (var i = 1; i < size; i++)
        {
            power *= Base;
        }

        return power;
    }
}
