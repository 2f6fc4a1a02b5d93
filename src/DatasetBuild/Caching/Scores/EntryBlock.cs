using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>
/// Entries of a score table side by side: ascending keys, a state byte each, <c>width</c> value bytes each. In files: all keys (two
/// little-endian 64-bit words, high before low), then all states, then all values.
/// </summary>
internal readonly ref struct EntryBlock(ReadOnlySpan<RecordKey> keys, ReadOnlySpan<byte> states, ReadOnlySpan<byte> values)
{
    /// <summary>In the store's own files: the key had two values, so that it has none (see <see cref="ScoreTable"/>).</summary>
    internal const byte Conflict = 0;

    /// <summary>The key has a value. Greater states are permanent reasons for having none; their value bytes are zero.</summary>
    internal const byte Value = 1;

    internal ReadOnlySpan<RecordKey> Keys { get; } = keys;

    internal ReadOnlySpan<byte> States { get; } = states;

    internal ReadOnlySpan<byte> Values { get; } = values;

    internal static int EntrySize(int width) => RecordKey.Size + 1 + width;

    internal EntryBlock Slice(int start, int length, int width) =>
        new(Keys.Slice(start, length), States.Slice(start, length), Values.Slice(start * width, length * width));

    /// <summary>Takes the bytes of <paramref name="count"/> entries apart; they are changed in place on a big-endian machine.</summary>
    internal static EntryBlock Of(Span<byte> bytes, int count, int width)
    {
        var keys = bytes[..(count * RecordKey.Size)];
        SwapWords(keys);
        return new EntryBlock(
            MemoryMarshal.Cast<byte, RecordKey>(keys),
            bytes.Slice(count * RecordKey.Size, count),
            bytes.Slice(count * (RecordKey.Size + 1), count * width));
    }

    /// <summary>Writes the entries as <see cref="Of"/> reads them.</summary>
    internal void CopyTo(Span<byte> bytes)
    {
        var keys = bytes[..(Keys.Length * RecordKey.Size)];
        MemoryMarshal.AsBytes(Keys).CopyTo(keys);
        SwapWords(keys);
        States.CopyTo(bytes[keys.Length..]);
        Values.CopyTo(bytes[(keys.Length + States.Length)..]);
    }

    /// <summary>True when every key is greater than the one before.</summary>
    internal static bool IsAscending(ReadOnlySpan<RecordKey> keys)
    {
        for (var i = 1; i < keys.Length; i++)
        {
            if (keys[i - 1].High >= keys[i].High && keys[i - 1] >= keys[i])
            {
                return false;
            }
        }

        return true;
    }

    private static void SwapWords(Span<byte> keys)
    {
        if (!BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(keys);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }
}
