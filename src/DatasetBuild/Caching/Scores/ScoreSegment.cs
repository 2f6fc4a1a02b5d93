using System.Buffers.Binary;
using DatasetBuild.Records;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>An open sealed segment: entries sorted by key, in blocks with a checksum each, with the blocks' first keys in memory.</summary>
internal sealed class ScoreSegment : IDisposable
{
    internal const string Prefix = "seg-";
    internal const string Suffix = ".seg";
    internal const int MaxReplaced = 4096;
    internal const int IndexEntrySize = RecordKey.Size + 8;
    private const long MaxIndexBytes = 64L << 20;

    private readonly SafeFileHandle handle;
    private readonly SegmentHeader header;
    private readonly RecordKey[] firstKeys;
    private readonly ulong[] hashes;

    private ScoreSegment(string path, SafeFileHandle handle, in SegmentHeader header, RecordKey[] firstKeys, ulong[] hashes, Guid[] replaces)
    {
        Path = path;
        this.handle = handle;
        this.header = header;
        this.firstKeys = firstKeys;
        this.hashes = hashes;
        Replaces = replaces;
        Written = File.GetLastWriteTimeUtc(handle);
    }

    internal string Path { get; }

    internal Guid Id => TryParseName(System.IO.Path.GetFileName(Path), out var id) ? id : Guid.Empty;

    internal long Count => header.Count;

    internal int Width => header.Width;

    /// <summary>The segments whose entries this one holds all of, so that they no longer count.</summary>
    internal Guid[] Replaces { get; }

    internal DateTime Written { get; }

    internal int Blocks => firstKeys.Length;

    internal int BlockBytes => header.BlockEntries * EntryBlock.EntrySize(header.Width);

    /// <summary>True once a block was found bad: the next merge writes the segment anew without it.</summary>
    internal bool IsDamaged { get; private set; }

    internal static string NameOf(Guid id) => $"{Prefix}{id:N}{Suffix}";

    internal static bool TryParseName(string name, out Guid id)
    {
        id = default;
        return name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal)
            && Guid.TryParseExact(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Suffix.Length), "N", out id);
    }

    /// <summary>Entries in a block: a power of two that keeps a block near 100 KB whatever the width.</summary>
    internal static int BlockEntriesOf(int width) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)((128 << 10) / EntryBlock.EntrySize(width)) + 1) / 2;

    /// <exception cref="IOException">It is there and cannot be opened or read.</exception>
    internal static FileVerdict TryOpen(string path, ReadOnlySpan<byte> identity, int width, out ScoreSegment? segment)
    {
        segment = null;
        var handle = CacheFiles.OpenRead(path);
        if (handle is null)
        {
            return FileVerdict.Gone;
        }

        try
        {
            Span<byte> head = stackalloc byte[SegmentHeader.Size];
            if (!CacheFiles.TryReadExactly(handle, head, 0))
            {
                return FileVerdict.Damaged;
            }

            var verdict = SegmentHeader.Read(head, identity, width, out var header);
            if (verdict != FileVerdict.Good)
            {
                return verdict;
            }

            segment = ReadIndex(path, handle, header);
            return segment is null ? FileVerdict.Damaged : FileVerdict.Good;
        }
        finally
        {
            if (segment is null)
            {
                handle.Dispose();
            }
        }
    }

    /// <summary>The last block whose first key is not above <paramref name="key"/>, searched from <paramref name="from"/> on; -1 when the key lies before the segment.</summary>
    internal int BlockOf(RecordKey key, int from)
    {
        var next = EntryJoin.Seek(firstKeys, Math.Max(from, 0), key);
        return next < firstKeys.Length && firstKeys[next] == key ? next : next - 1;
    }

    internal RecordKey FirstKeyOf(int block) => firstKeys[block];

    internal RecordKey LastKey => header.LastKey;

    /// <summary>Reads and checks one block into <paramref name="buffer"/> (<see cref="BlockBytes"/> bytes). False when it is damaged or unreadable.</summary>
    internal bool TryReadBlock(int block, Span<byte> buffer, out EntryBlock entries)
    {
        entries = default;
        var first = (long)block * header.BlockEntries;
        var count = (int)Math.Min(header.BlockEntries, header.Count - first);
        var entrySize = EntryBlock.EntrySize(header.Width);
        var bytes = buffer[..(count * entrySize)];
        try
        {
            if (!CacheFiles.TryReadExactly(handle, bytes, SegmentHeader.Size + (first * entrySize)) || XxHash64.Hash(bytes) != hashes[block])
            {
                IsDamaged = true;
                return false;
            }
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            IsDamaged = true;
            return false;
        }

        entries = EntryBlock.Of(bytes, count, header.Width);
        return true;
    }

    public void Dispose() => handle.Dispose();

    private static ScoreSegment? ReadIndex(string path, SafeFileHandle handle, in SegmentHeader header)
    {
        // All sizes must agree with the file's own length before anything is allocated by them.
        var length = RandomAccess.GetLength(handle);
        var entrySize = EntryBlock.EntrySize(header.Width);
        if (header.BlockEntries != BlockEntriesOf(header.Width) || header.Count < 0 || header.Count > length / entrySize || header.Replaced is < 0 or > MaxReplaced)
        {
            return null;
        }

        var blocks = (header.Count + header.BlockEntries - 1) / header.BlockEntries;
        var indexBytes = (blocks * IndexEntrySize) + (header.Replaced * 16L);
        if (indexBytes > MaxIndexBytes || length != SegmentHeader.Size + (header.Count * entrySize) + indexBytes)
        {
            return null;
        }

        var index = new byte[indexBytes];
        if (!CacheFiles.TryReadExactly(handle, index, length - indexBytes) || XxHash64.Hash(index) != header.IndexHash)
        {
            return null;
        }

        var firstKeys = new RecordKey[blocks];
        var hashes = new ulong[blocks];
        for (var i = 0; i < hashes.Length; i++)
        {
            var entry = index.AsSpan(i * IndexEntrySize);
            firstKeys[i] = RecordKey.Read(entry);
            hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(entry[RecordKey.Size..]);
        }

        var replaces = new Guid[header.Replaced];
        for (var i = 0; i < replaces.Length; i++)
        {
            replaces[i] = new Guid(index.AsSpan((hashes.Length * IndexEntrySize) + (16 * i), 16), bigEndian: true);
        }

        return new ScoreSegment(path, handle, header, firstKeys, hashes, replaces);
    }
}
