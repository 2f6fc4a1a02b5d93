using System.Buffers.Binary;
using System.Numerics;

namespace DatasetBuild.Tool.Tests.Harness;

/// <summary>Changes a stored score and makes all checksums right again, after the description of the formats alone: what only scoring again can find.</summary>
internal static class ForgedSegment
{
    private const int Header = 128;

    /// <summary>Gives one record of the only block of a segment with values of 8 bytes another value.</summary>
    /// <returns>The record's key.</returns>
    public static string Forge(string path, int entry, double value)
    {
        var bytes = File.ReadAllBytes(path);
        var entries = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(48));
        BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12)).ShouldBe(8);
        entries.ShouldBeInRange(entry + 1, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(56)));
        var block = bytes.AsSpan(Header, entries * 25);
        var index = bytes.AsSpan(Header + block.Length);
        BinaryPrimitives.WriteDoubleLittleEndian(block[((entries * 17) + (entry * 8))..], value);
        BinaryPrimitives.WriteUInt64LittleEndian(index[16..], XxHash64(block));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(64), XxHash64(index));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(120), XxHash64(bytes.AsSpan(0, 120)));
        File.WriteAllBytes(path, bytes);
        var key = block.Slice(entry * 16, 16);
        return $"{BinaryPrimitives.ReadUInt64LittleEndian(key):x16}{BinaryPrimitives.ReadUInt64LittleEndian(key[8..]):x16}";
    }

    private static ulong XxHash64(ReadOnlySpan<byte> input)
    {
        const ulong P1 = 11400714785074694791, P2 = 14029467366897019727, P3 = 1609587929392839161, P4 = 9650029242287828579, P5 = 2870177450012600261;
        var rest = input;
        var hash = P5;
        if (input.Length >= 32)
        {
            ulong[] lanes = [unchecked(P1 + P2), P2, 0, unchecked(0 - P1)];
            for (; rest.Length >= 32; rest = rest[32..])
            {
                for (var i = 0; i < 4; i++)
                {
                    lanes[i] = Round(lanes[i], BinaryPrimitives.ReadUInt64LittleEndian(rest[(8 * i)..]));
                }
            }

            hash = BitOperations.RotateLeft(lanes[0], 1) + BitOperations.RotateLeft(lanes[1], 7) + BitOperations.RotateLeft(lanes[2], 12) + BitOperations.RotateLeft(lanes[3], 18);
            foreach (var lane in lanes)
            {
                hash = ((hash ^ Round(0, lane)) * P1) + P4;
            }
        }

        hash += (ulong)input.Length;
        for (; rest.Length >= 8; rest = rest[8..])
        {
            hash = (BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * P1) + P4;
        }

        if (rest.Length >= 4)
        {
            hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * P1), 23) * P2) + P3;
            rest = rest[4..];
        }

        foreach (var one in rest)
        {
            hash = BitOperations.RotateLeft(hash ^ (one * P5), 11) * P1;
        }

        hash = (hash ^ (hash >> 33)) * P2;
        hash = (hash ^ (hash >> 29)) * P3;
        return hash ^ (hash >> 32);

        static ulong Round(ulong lane, ulong word) => BitOperations.RotateLeft(lane + (word * P2), 31) * P1;
    }
}
