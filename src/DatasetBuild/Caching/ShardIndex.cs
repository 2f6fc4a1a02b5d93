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
    private const int BytesPerRecord = RecordKey.Size + 8 + 8 + 4 + 4 + 2 + 1 + 1;

    private readonly Source? source;
    private RecordKey[]? keys;
    private long[]? offsets;
    private ulong[]? contentHashes;
    private int[]? lengths;
    private int[]? lines;
    private ushort[]? instances;
    private RecordTraits[]? traits;
    private Dialect[]? dialects;
    private IReadOnlyList<InvalidRecord>? invalid;

    /// <summary>An index to be filled in.</summary>
    public ShardIndex(int count)
    {
        Count = count;
        keys = new RecordKey[count];
        offsets = new long[count];
        contentHashes = new ulong[count];
        lengths = new int[count];
        lines = new int[count];
        instances = new ushort[count];
        traits = new RecordTraits[count];
        dialects = new Dialect[count];
        invalid = [];
    }

    private ShardIndex(ReadOnlySpan<byte> header, Source source)
    {
        this.source = source;
        Count = BinaryPrimitives.ReadInt32LittleEndian(header);
        Container = (Container)header[4];
        IsGzip = header[5] != 0;
        DialectSet = header[12];
        FieldSet = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        InvalidCount = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
    }

    public int Count { get; }

    public RecordKey[] Keys => keys ??= LoadKeys();

    /// <summary>Where each record's JSON starts in the (unpacked) shard, in bytes.</summary>
    public long[] Offsets => offsets ??= Load(index => index.Offsets, RecordKey.Size);

    /// <summary>XXH64 of each record's own JSON: changes with a field outside the conversation, when the key does not.</summary>
    public ulong[] ContentHashes => contentHashes ??= Load(index => index.ContentHashes, RecordKey.Size + 8);

    public int[] Lengths => lengths ??= Load(index => index.Lengths, RecordKey.Size + 16);

    /// <summary>From 1.</summary>
    public int[] Lines => lines ??= Load(index => index.Lines, RecordKey.Size + 20);

    /// <summary>The number of a record among the instances of its line, from 0.</summary>
    public ushort[] Instances => instances ??= Load(index => index.Instances, RecordKey.Size + 24);

    public RecordTraits[] Traits => traits ??= Load(index => index.Traits, RecordKey.Size + 26);

    public Dialect[] Dialects => dialects ??= Load(index => index.Dialects, RecordKey.Size + 27);

    public Container Container { get; init; }

    public bool IsGzip { get; init; }

    public int InvalidCount { get; private init; }

    /// <summary>One bit for each <see cref="Dialect"/> that occurs.</summary>
    public byte DialectSet { get; private set; }

    /// <summary>One bit for each <see cref="Field"/> that occurs.</summary>
    public uint FieldSet { get; init; }

    public IReadOnlyList<InvalidRecord> Invalid
    {
        get => invalid ??= LoadInvalid();
        init
        {
            invalid = value;
            InvalidCount = value.Count;
        }
    }

    /// <summary>Reads a range of what <see cref="ToBytes"/> wrote; false where that has become impossible.</summary>
    public delegate bool ReadBytes(long offset, Span<byte> destination);

    /// <summary>
    /// Opens what <see cref="ToBytes"/> wrote; each column is read when it is asked for. Null where the sizes do not fit together.
    /// </summary>
    /// <param name="length">The size of the whole.</param>
    /// <param name="read">Reads a range of it.</param>
    /// <param name="again">Makes the index anew from the shard, should a column turn out to be damaged.</param>
    public static ShardIndex? Open(long length, ReadBytes read, Func<ShardIndex> again)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        if (length < HeaderSize || !read(0, header))
        {
            return null;
        }

        var index = new ShardIndex(header, new Source(length, read, again));
        return index.Count >= 0 && index.InvalidCount >= 0 && index.InvalidStart <= length ? index : null;
    }

    public byte[] ToBytes()
    {
        DialectSet = Dialects.Aggregate((byte)0, (set, dialect) => (byte)(set | (1 << (int)dialect)));
        var bad = InvalidToBytes();
        var bytes = new byte[HeaderSize + (Count * BytesPerRecord) + bad.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Count);
        bytes[4] = (byte)Container;
        bytes[5] = (byte)(IsGzip ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Invalid.Count);
        bytes[12] = DialectSet;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), FieldSet);
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
        Put(MemoryMarshal.AsBytes(Dialects.AsSpan()));
        Put(bad);
        return bytes;

        void Put(ReadOnlySpan<byte> column)
        {
            column.CopyTo(bytes.AsSpan(at));
            at += column.Length;
        }
    }

    private long InvalidStart => HeaderSize + ((long)Count * BytesPerRecord);

    private RecordKey[] LoadKeys()
    {
        var column = new RecordKey[Count];
        var words = MemoryMarshal.Cast<RecordKey, ulong>(column.AsSpan());
        if (!source!.Read(HeaderSize, MemoryMarshal.AsBytes(words)))
        {
            return source.Again.Keys;
        }

        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        return column;
    }

    /// <summary>Reads a column that starts where the columns before it, of <paramref name="bytesBefore"/> bytes a record, end.</summary>
    private T[] Load<T>(Func<ShardIndex, T[]> ofAnother, int bytesBefore)
        where T : unmanaged
    {
        var column = new T[Count];
        return source!.Read(HeaderSize + ((long)Count * bytesBefore), MemoryMarshal.AsBytes(column.AsSpan())) ? column : ofAnother(source.Again);
    }

    private IReadOnlyList<InvalidRecord> LoadInvalid()
    {
        var bytes = new byte[source!.Length - InvalidStart];
        return source.Read(InvalidStart, bytes) && InvalidFromBytes(bytes, InvalidCount) is { } found ? found : source.Again.Invalid;
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

    private static List<InvalidRecord>? InvalidFromBytes(byte[] bytes, int count)
    {
        var found = new List<InvalidRecord>();
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            for (var i = 0; i < count; i++)
            {
                found.Add(new InvalidRecord(reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadString(), reader.ReadString()));
            }

            return found;
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private sealed class Source(long length, ReadBytes read, Func<ShardIndex> again)
    {
        private readonly Lazy<ShardIndex> again = new(again);

        public long Length { get; } = length;

        public ShardIndex Again => again.Value;

        public bool Read(long offset, Span<byte> destination) => read(offset, destination);
    }
}
