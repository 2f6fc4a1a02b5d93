using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>
/// A <see cref="ShardIndex"/> among the derived data, opened anew for each part that is asked for: thousands of shards must not hold thousands of open
/// files. Integers are little-endian but for keys, which are ordered as their bytes are; see FORMATS.md.
/// </summary>
public sealed class ShardIndexFile
{
    public const string Kind = "shard-index";
    public const int Version = 2;
    private const int HeaderSize = 96;
    private const int KeysPerWrite = 4096;

    private readonly DerivedData derived;
    private readonly byte[] hash;
    private readonly Lazy<ShardIndex>? again;
    private readonly long length;
    private readonly int passageCount;

    private ShardIndexFile(DerivedData derived, byte[] hash, long length, ReadOnlySpan<byte> header, Func<ShardIndex>? again)
    {
        this.derived = derived;
        this.hash = hash;
        this.length = length;
        this.again = again is null ? null : new Lazy<ShardIndex>(again);
        Count = BinaryPrimitives.ReadInt32LittleEndian(header);
        Container = (Container)header[4];
        IsGzip = header[5] != 0;
        DialectSet = header[6];
        InvalidCount = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        FieldSet = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        FirstLine = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        passageCount = BinaryPrimitives.ReadInt32LittleEndian(header[20..]);
        PassageKey = passageCount > 0 ? header[24..(24 + PassageTagger.KeySize)].ToArray() : [];
    }

    public int Count { get; }

    public Container Container { get; }

    public bool IsGzip { get; }

    public byte DialectSet { get; }

    public uint FieldSet { get; }

    public int InvalidCount { get; }

    public int FirstLine { get; }

    public byte[] PassageKey { get; }

    /// <summary>The index made anew, where a part of the kept one is damaged.</summary>
    internal ShardIndex Again => again!.Value;

    private long ContentsStart => HeaderSize + ((long)Count * RecordKey.Size);

    private long PlacesStart => ContentsStart + ((long)Count * RecordContents.BytesPerRecord);

    private long PassagesStart => PlacesStart + ((long)Count * RecordPlaces.BytesPerRecord);

    private long InvalidStart => PassagesStart + ((long)passageCount * Passage.Size);

    // What a file says may be forged: a passage has a record at least, and each part goes into one array.
    private bool HasSizesThatFit =>
        Count >= 0 && ContentsStart <= Array.MaxLength && passageCount >= 0 && passageCount <= Count && InvalidStart - PassagesStart <= Array.MaxLength
        && InvalidCount >= 0 && InvalidStart <= length && length - InvalidStart <= Array.MaxLength;

    /// <summary>Opens a kept index, of which no more than the header is read for now; null where there is none or its sizes do not fit together.</summary>
    /// <param name="derived">Where it is kept.</param>
    /// <param name="hash">The hash of all that determines it.</param>
    /// <param name="again">Makes the index anew from the shard, should a part turn out to be damaged.</param>
    public static ShardIndex? TryOpen(DerivedData derived, byte[] hash, Func<ShardIndex> again) =>
        TryOpenFile(derived, hash, again) is { } file ? new ShardIndex(file) : null;

    /// <summary>Reads all of a kept index that a later one can be made from; null where there is none, or any of it is damaged.</summary>
    public static ShardIndex? TryLoad(DerivedData derived, byte[] hash) =>
        TryOpenFile(derived, hash, null) is { passageCount: > 0 } file
            && file.ReadPassages() is { } passages
            && file.ReadKeys() is { } keys
            && file.ReadContents() is { } contents
            && file.ReadPlaces() is { } places
            ? new ShardIndex(keys, contents, places) { Container = file.Container, IsGzip = file.IsGzip, FieldSet = file.FieldSet, Passages = passages, PassageKey = file.PassageKey }
            : null;

    private static ShardIndexFile? TryOpenFile(DerivedData derived, byte[] hash, Func<ShardIndex>? again)
    {
        if (!derived.TryOpen(Kind, Version, hash, out var reader))
        {
            return null;
        }

        using (reader)
        {
            Span<byte> header = stackalloc byte[HeaderSize];
            if (reader.Length < HeaderSize || !reader.TryRead(0, header))
            {
                return null;
            }

            var file = new ShardIndexFile(derived, hash, reader.Length, header, again);
            return file.HasSizesThatFit ? file : null;
        }
    }

    /// <summary>Keeps an index. False where it could not be written.</summary>
    public static bool Write(DerivedData derived, byte[] hash, ShardIndex index) => derived.Write(Kind, Version, hash, writer =>
    {
        WriteHeader(writer, index);
        WriteKeys(writer, index.Keys);
        writer.Write(BytesOf(index.ContentHashes, 8));
        writer.Write(BytesOf(index.Lengths, 4));
        writer.Write(BytesOf(index.Instances, 2));
        writer.Write(BytesOf(index.Traits, 1));
        writer.Write(BytesOf(index.Dialects, 1));
        writer.Write(BytesOf(index.Offsets, 8));
        writer.Write(BytesOf(index.Lines, 4));
        Span<byte> row = stackalloc byte[Passage.Size];
        foreach (var passage in index.Passages)
        {
            passage.Write(row);
            writer.Write(row);
        }

        writer.Write(InvalidToBytes(index.Invalid));
    });

    internal RecordKey[]? ReadKeys()
    {
        var keys = new RecordKey[Count];
        return TryReadKeys(keys, 0) ? keys : null;
    }

    internal bool TryReadKeys(RecordKey[] destination, int first)
    {
        var bytes = BytesOf(destination, RecordKey.Size).Slice(first * RecordKey.Size, Count * RecordKey.Size);
        using var part = OpenPart();
        if (!Read(part, HeaderSize, bytes))
        {
            return false;
        }

        if (BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        return true;
    }

    internal RecordContents? ReadContents()
    {
        var contents = RecordContents.Of(Count);
        return TryReadContents(contents) ? contents : null;
    }

    internal bool TryReadContents(RecordContents destination)
    {
        using var part = OpenPart();
        var at = ContentsStart;
        return Read(part, at, BytesOf(destination.Hashes, 8)[..(8 * Count)])
            && Read(part, at += 8L * Count, BytesOf(destination.Lengths, 4)[..(4 * Count)])
            && Read(part, at += 4L * Count, BytesOf(destination.Instances, 2)[..(2 * Count)])
            && Read(part, at += 2L * Count, BytesOf(destination.Traits, 1)[..Count])
            && Read(part, at + Count, BytesOf(destination.Dialects, 1)[..Count]);
    }

    internal RecordPlaces? ReadPlaces()
    {
        var read = new RecordPlaces(new long[Count], new int[Count]);
        using var part = OpenPart();
        return Read(part, PlacesStart, BytesOf(read.Offsets, 8))
            && Read(part, PlacesStart + (8L * Count), BytesOf(read.Lines, 4))
            ? read
            : null;
    }

    internal Passage[]? ReadPassages()
    {
        var bytes = new byte[passageCount * (long)Passage.Size];
        using var part = OpenPart();
        if (!Read(part, PassagesStart, bytes))
        {
            return null;
        }

        var passages = new Passage[passageCount];
        for (var i = 0; i < passages.Length; i++)
        {
            passages[i] = Passage.Read(bytes.AsSpan(i * Passage.Size));
        }

        return Array.TrueForAll(passages, passage => passage.Fits(Count)) ? passages : null;
    }

    internal List<InvalidRecord>? ReadInvalid()
    {
        var bytes = new byte[length - InvalidStart];
        using var part = OpenPart();
        return Read(part, InvalidStart, bytes) ? InvalidFromBytes(bytes, InvalidCount) : null;
    }

    private BlockReader? OpenPart() => derived.TryOpen(Kind, Version, hash, out var reader) ? reader : null;

    private static bool Read(BlockReader? part, long offset, Span<byte> destination) => part?.TryRead(offset, destination) == true;

    /// <summary>A column as its bytes. Not by the generic methods, which would be compiled anew for each type at the start of every build.</summary>
    private static Span<byte> BytesOf(Array column, int size) => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(column), checked(column.Length * size));

    private static void WriteHeader(BlockWriter writer, ShardIndex index)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header, index.Count);
        header[4] = (byte)index.Container;
        header[5] = (byte)(index.IsGzip ? 1 : 0);
        header[6] = index.DialectSet;
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], index.InvalidCount);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], index.FieldSet);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], index.FirstLine);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], index.Passages.Count);
        index.PassageKey.CopyTo(header[24..]);
        writer.Write(header);
    }

    private static void WriteKeys(BlockWriter writer, RecordKey[] keys)
    {
        var bytes = new byte[Math.Min(keys.Length, KeysPerWrite) * RecordKey.Size];
        for (var from = 0; from < keys.Length; from += KeysPerWrite)
        {
            var count = Math.Min(KeysPerWrite, keys.Length - from);
            for (var i = 0; i < count; i++)
            {
                keys[from + i].Write(bytes.AsSpan(i * RecordKey.Size));
            }

            writer.Write(bytes.AsSpan(0, count * RecordKey.Size));
        }
    }

    private static byte[] InvalidToBytes(IReadOnlyList<InvalidRecord> invalid)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        foreach (var record in invalid)
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
        var texts = new RepeatedTexts();
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            for (var i = 0; i < count; i++)
            {
                found.Add(new InvalidRecord(reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), texts.One(reader.ReadString()), texts.One(reader.ReadString())));
            }

            return found;
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
