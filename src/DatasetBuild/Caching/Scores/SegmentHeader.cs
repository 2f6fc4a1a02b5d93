using System.Buffers.Binary;
using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>The first 128 bytes of a score segment; the layout is in FORMATS.md.</summary>
internal readonly record struct SegmentHeader(int Width, long Count, int BlockEntries, int Replaced, ulong IndexHash, RecordKey LastKey)
{
    internal const int Size = 128;
    internal const uint FormatVersion = 1;

    internal static ReadOnlySpan<byte> Magic => "DSBSCORE"u8;

    internal void Write(Span<byte> bytes, ReadOnlySpan<byte> identity)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Width);
        identity[..32].CopyTo(bytes[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[56..], BlockEntries);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[60..], Replaced);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[64..], IndexHash);
        LastKey.Write(bytes[72..]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[120..], XxHash64.Hash(bytes[..120]));
    }

    internal static FileVerdict Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> identity, int width, out SegmentHeader header)
    {
        header = default;
        if (!bytes.StartsWith(Magic) || BinaryPrimitives.ReadUInt64LittleEndian(bytes[120..]) != XxHash64.Hash(bytes[..120]))
        {
            return FileVerdict.Damaged;
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[60..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[64..]),
            RecordKey.Read(bytes[72..]));
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == FormatVersion && header.Width == width && bytes.Slice(16, 32).SequenceEqual(identity)
            ? FileVerdict.Good
            : FileVerdict.Foreign;
    }
}

/// <summary>What a look at a file among the scores found.</summary>
internal enum FileVerdict
{
    Good,

    /// <summary>It vanished, or could not be opened: nothing is known of it.</summary>
    Gone,

    /// <summary>Intact, but of another scorer, width or format version: it is left alone.</summary>
    Foreign,

    /// <summary>Its frame does not hold together: nothing can be got out of it, and it may be deleted.</summary>
    Damaged,
}
