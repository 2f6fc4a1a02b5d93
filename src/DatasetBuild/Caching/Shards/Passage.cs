using System.Buffers.Binary;

namespace DatasetBuild.Caching;

/// <summary>
/// A stretch of whole lines of a shard, all of which could be read: known again by its tag when the shard changes elsewhere, so that its records need
/// not be parsed anew.
/// </summary>
/// <param name="Start">Its first byte in the (unpacked) shard.</param>
/// <param name="Length">Its bytes, up to and with the last line feed.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="Lines">How many lines it has.</param>
/// <param name="First">The number of its first record in the shard.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="Fields">One bit for each <see cref="Records.Field"/> that occurs in it.</param>
/// <param name="Tag">What <see cref="PassageTagger"/> says of its bytes.</param>
public sealed record Passage(long Start, int Length, int Line, int Lines, int First, int Records, uint Fields, PassageTag Tag)
{
    /// <summary>Around so many bytes: long enough that a tag costs next to nothing, short enough that an edit spoils little.</summary>
    public const int TargetBytes = 1 << 16;

    internal const int Size = 48;

    /// <summary>Whether it can be a passage of a shard with so many records; what a file says may be forged.</summary>
    internal bool Fits(int records) =>
        Start >= 0 && Length is > 0 and <= TargetBytes && Line > 0 && Lines > 0 && Lines <= Length && First >= 0 && Records > 0 && Records <= records - First;

    internal static Passage Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]),
        PassageTag.Read(bytes[32..]));

    internal void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Start);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Line);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Lines);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], First);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Records);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], Fields);
        Tag.Write(bytes[32..]);
    }
}

/// <summary>128 bits that stand for the bytes of a passage.</summary>
public readonly record struct PassageTag(ulong First, ulong Second)
{
    internal static PassageTag Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));

    internal void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, First);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Second);
    }
}
