using System.Buffers.Binary;

namespace DatasetBuild.Tokenization;

/// <summary>A quick hash of short byte strings for the tables of tokens.</summary>
internal static class ByteHash
{
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        const ulong multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * multiplier;
            hash ^= hash >> 29;
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
        {
            hash = ((hash << 8) | (hash >> 56)) ^ b;
        }

        hash *= multiplier;
        return (hash ^ (hash >> 29)) * multiplier;
    }
}
