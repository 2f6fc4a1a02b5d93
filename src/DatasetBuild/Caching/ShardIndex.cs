using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>What of a record's shape decides how it can be written.</summary>
[Flags]
public enum RecordTraits : byte
{
    None = 0,

    /// <summary>Exactly one user turn and one assistant turn of plain text: expressible as two strings.</summary>
    PlainExchange = 1,
    HasTools = 2,
    HasAssistantTurn = 4,
    RawText = 8,

    /// <summary>One of several instances of one line.</summary>
    SharesLine = 16,

    /// <summary>The last turn is the assistant's.</summary>
    EndsWithAssistant = 32,

    /// <summary>Some turn has a name, reasoning, tool calls or a weight of its own.</summary>
    Extended = 64,
}

/// <summary>A place in a shard that could not be read, and why.</summary>
public sealed record InvalidRecord(long Offset, int Length, int Line, int Column, string Code, string Message);

/// <summary>
/// What one pass over a shard found: for each record its key, its place and a hash of its own bytes. A function of the shard's bytes, the
/// declared shape and the record limit alone. Kept column by column, so that a warm build reads the keys and nothing else. Integers are
/// little-endian; see FORMATS.md.
/// </summary>
public sealed class ShardIndex
{
    public const int Version = 1;
    public const int HeaderSize = 64;

    public ShardIndex(int count)
    {
        Keys = new RecordKey[count];
        Offsets = new long[count];
        ContentHashes = new ulong[count];
        Lengths = new int[count];
        Lines = new int[count];
        Instances = new ushort[count];
        Traits = new RecordTraits[count];
        Dialects = new Dialect[count];
    }

    public int Count => Keys.Length;

    public RecordKey[] Keys { get; }

    /// <summary>Where each record's JSON starts in the (unpacked) shard, in bytes.</summary>
    public long[] Offsets { get; }

    /// <summary>XXH64 of each record's own JSON: changes with a field outside the conversation, when the key does not.</summary>
    public ulong[] ContentHashes { get; }

    public int[] Lengths { get; }

    /// <summary>From 1.</summary>
    public int[] Lines { get; }

    /// <summary>The number of a record among the instances of its line, from 0.</summary>
    public ushort[] Instances { get; }

    public RecordTraits[] Traits { get; }

    public Dialect[] Dialects { get; }

    public Container Container { get; init; }

    public bool IsGzip { get; init; }

    public IReadOnlyList<InvalidRecord> Invalid { get; init; } = [];

    /// <summary>One bit for each <see cref="Dialect"/> that occurs.</summary>
    public byte DialectSet => Dialects.Aggregate((byte)0, (set, dialect) => (byte)(set | (1 << (int)dialect)));

    public byte[] ToBytes()
    {
        var invalid = InvalidToBytes();
        var bytes = new byte[HeaderSize + (Count * BytesPerRecord) + invalid.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Count);
        bytes[4] = (byte)Container;
        bytes[5] = (byte)(IsGzip ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Invalid.Count);
        bytes[12] = DialectSet;
        var at = HeaderSize;
        foreach (var key in Keys)
        {
            key.Write(bytes.AsSpan(at));
            at += RecordKey.Size;
        }

        Put(MemoryMarshal.AsBytes(Offsets.AsSpan()));
        Put(MemoryMarshal.AsBytes(ContentHashes.AsSpan()));
        Put(MemoryMarshal.AsBytes(Lengths.AsSpan()));
        Put(MemoryMarshal.AsBytes(Lines.AsSpan()));
        Put(MemoryMarshal.AsBytes(Instances.AsSpan()));
        Put(MemoryMarshal.AsBytes(Traits.AsSpan()));
        foreach (var dialect in Dialects)
        {
            bytes[at++] = (byte)dialect;
        }

        Put(invalid);
        return bytes;

        void Put(ReadOnlySpan<byte> column)
        {
            column.CopyTo(bytes.AsSpan(at));
            at += column.Length;
        }
    }

    private const int BytesPerRecord = RecordKey.Size + 8 + 8 + 4 + 4 + 2 + 1 + 1;

    /// <summary>Where the keys end: they stand first, behind the header.</summary>
    public static long KeysEnd(int count) => HeaderSize + ((long)count * RecordKey.Size);

    public static int ReadCount(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header);

    public static byte ReadDialectSet(ReadOnlySpan<byte> header) => header[12];

    public static int ReadInvalidCount(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header[8..]);

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null where the sizes do not fit together.</summary>
    public static ShardIndex? FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize)
        {
            return null;
        }

        var count = ReadCount(bytes);
        if (count < 0 || HeaderSize + ((long)count * BytesPerRecord) > bytes.Length)
        {
            return null;
        }

        var invalid = InvalidFromBytes(bytes[(HeaderSize + (count * BytesPerRecord))..], ReadInvalidCount(bytes));
        if (invalid is null)
        {
            return null;
        }

        var index = new ShardIndex(count) { Container = (Container)bytes[4], IsGzip = bytes[5] != 0, Invalid = invalid };
        var rest = bytes[HeaderSize..];
        for (var i = 0; i < count; i++)
        {
            index.Keys[i] = RecordKey.Read(rest[(i * RecordKey.Size)..]);
        }

        rest = rest[(count * RecordKey.Size)..];
        Take(MemoryMarshal.AsBytes(index.Offsets.AsSpan()), ref rest);
        Take(MemoryMarshal.AsBytes(index.ContentHashes.AsSpan()), ref rest);
        Take(MemoryMarshal.AsBytes(index.Lengths.AsSpan()), ref rest);
        Take(MemoryMarshal.AsBytes(index.Lines.AsSpan()), ref rest);
        Take(MemoryMarshal.AsBytes(index.Instances.AsSpan()), ref rest);
        Take(MemoryMarshal.AsBytes(index.Traits.AsSpan()), ref rest);
        for (var i = 0; i < count; i++)
        {
            index.Dialects[i] = (Dialect)rest[i];
        }

        return index;

        static void Take(Span<byte> column, ref ReadOnlySpan<byte> rest)
        {
            rest[..column.Length].CopyTo(column);
            rest = rest[column.Length..];
        }
    }

    private byte[] InvalidToBytes()
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        foreach (var record in Invalid)
        {
            writer.Write(record.Offset);
            writer.Write(record.Length);
            writer.Write(record.Line);
            writer.Write(record.Column);
            writer.Write(record.Code);
            writer.Write(record.Message);
        }

        writer.Flush();
        return memory.ToArray();
    }

    private static List<InvalidRecord>? InvalidFromBytes(ReadOnlySpan<byte> bytes, int count)
    {
        var invalid = new List<InvalidRecord>();
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
        try
        {
            for (var i = 0; i < count; i++)
            {
                invalid.Add(new InvalidRecord(reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadString(), reader.ReadString()));
            }

            return invalid;
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
