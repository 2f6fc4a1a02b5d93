using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>
/// What one pass over a shard found: for each record its key, its content and its place. A function of the shard's bytes, the declared shape and
/// the record limit alone. Kept in parts that are read when they are asked for: a warm build of an unchanged shard reads the keys and nothing else.
/// </summary>
public sealed class ShardIndex
{
    private readonly ShardIndexFile? file;
    private RecordKey[]? keys;
    private RecordContents? contents;
    private RecordPlaces? places;
    private IReadOnlyList<InvalidRecord>? invalid;
    private IReadOnlyList<Passage>? passages;

    /// <summary>An index that was just made.</summary>
    public ShardIndex(RecordKey[] keys, RecordContents contents, RecordPlaces places)
    {
        Count = keys.Length;
        this.keys = keys;
        this.contents = contents;
        this.places = places;
        FirstLine = FirstLineIfDense(places.Lines);
        var set = 0;
        foreach (var dialect in contents.Dialects)
        {
            set |= 1 << (int)dialect;
        }

        DialectSet = (byte)set;
    }

    /// <summary>A kept index, of which only the header was read.</summary>
    internal ShardIndex(ShardIndexFile file)
    {
        this.file = file;
        Count = file.Count;
        FirstLine = file.FirstLine;
        Container = file.Container;
        IsGzip = file.IsGzip;
        DialectSet = file.DialectSet;
        FieldSet = file.FieldSet;
        InvalidCount = file.InvalidCount;
        PassageKey = file.PassageKey;
    }

    public int Count { get; }

    public RecordKey[] Keys => keys ??= file!.ReadKeys() ?? file.Again.Keys;

    public ulong[] ContentHashes => Contents.Hashes;

    public int[] Lengths => Contents.Lengths;

    public ushort[] Instances => Contents.Instances;

    public RecordTraits[] Traits => Contents.Traits;

    public Dialect[] Dialects => Contents.Dialects;

    public long[] Offsets => Places.Offsets;

    public int[] Lines => Places.Lines;

    public RecordContents Contents => contents ??= file!.ReadContents() ?? file.Again.Contents;

    /// <summary>The contents, read into <paramref name="scratch"/> where they are read for this once: its columns may then be longer than <see cref="Count"/>.</summary>
    public RecordContents ContentsOnce(ref RecordContents? scratch)
    {
        if (contents is not null || file is null)
        {
            return Contents;
        }

        if (scratch is null || scratch.Hashes.Length < Count)
        {
            scratch = RecordContents.Of(Count);
        }

        return file.TryReadContents(scratch) ? scratch : Contents;
    }

    public RecordPlaces Places => places ??= file!.ReadPlaces() ?? file.Again.Places;

    public Container Container { get; init; }

    public bool IsGzip { get; init; }

    public int InvalidCount { get; private init; }

    /// <summary>One bit for each <see cref="Dialect"/> that occurs.</summary>
    public byte DialectSet { get; }

    /// <summary>One bit for each <see cref="Field"/> that occurs.</summary>
    public uint FieldSet { get; init; }

    /// <summary>The line of the first record where each record stands on the line behind the one before it, else 0.</summary>
    public int FirstLine { get; }

    public IReadOnlyList<InvalidRecord> Invalid
    {
        get => invalid ??= file!.ReadInvalid() ?? file.Again.Invalid;
        init
        {
            invalid = value;
            InvalidCount = value.Count;
        }
    }

    /// <summary>The stretches by which most of the shard is known again when it changes; in the shard's order.</summary>
    public IReadOnlyList<Passage> Passages
    {
        get => passages ??= file!.ReadPassages() ?? file.Again.Passages;
        init => passages = value;
    }

    /// <summary>The key of the passages' tags; empty where there are none.</summary>
    public byte[] PassageKey { get; init; } = [];

    /// <summary>The line that a record starts on, from 1.</summary>
    public int LineOf(int record) => FirstLine > 0 ? FirstLine + record : Lines[record];

    /// <summary>Puts the keys where the caller keeps those of the whole pool.</summary>
    public void CopyKeys(RecordKey[] destination, int first)
    {
        if (keys is not null || !file!.TryReadKeys(destination, first))
        {
            Array.Copy(Keys, 0, destination, first, Count);
        }
    }

    private static int FirstLineIfDense(int[] lines)
    {
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i] != lines[0] + i)
            {
                return 0;
            }
        }

        return lines.Length > 0 ? lines[0] : 0;
    }
}
