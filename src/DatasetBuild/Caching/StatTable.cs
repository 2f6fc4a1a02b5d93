using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace DatasetBuild.Caching;

/// <summary>
/// Remembers which content a file had when it had which stamp, so that an unchanged file is not read again. Threads may use one table
/// at the same time; of several processes that save one file the last wins, which costs the others a re-hash.
/// </summary>
public sealed class StatTable
{
    /// <summary>Its name in a project's intermediate folder.</summary>
    public const string FileName = "stat.blk";

    private const string Kind = "stat-table";
    private const int Version = 1;
    private const int FixedBytes = 4 + (5 * 8) + ContentDigest.Size + 1;
    private const long MaxBytes = 1L << 30;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private HashSet<long>? sizes;
    private bool changed;

    /// <summary>How many files are remembered.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

    /// <summary>Loads a table; empty when there is none, and empty with a warning when it is damaged.</summary>
    public static StatTable Load(string path, Action<Diagnostic>? warn = null)
    {
        var table = new StatTable();
        if (BlockFile.TryRead(path, Kind, Version, MaxBytes, out var payload, warn))
        {
            using (payload)
            {
                if (!table.Parse(payload.Span))
                {
                    table.entries.Clear();
                    warn?.Invoke(BlockFile.Damaged(path));
                }
            }
        }

        return table;
    }

    /// <summary>The content digest of a file, when it was noted under exactly this stamp and the stamp was not racy.</summary>
    public bool TryGet(string path, in FileStamp stamp, out ContentDigest digest)
    {
        lock (gate)
        {
            var entry = entries.GetValueOrDefault(path);
            digest = entry?.Digest ?? default;
            return entry is { Racy: false } && entry.Stamp == stamp;
        }
    }

    /// <summary>The content that a file had when it was noted under this stamp, be it racy.</summary>
    public bool TryGetNoted(string path, in FileStamp stamp, out ContentDigest digest)
    {
        lock (gate)
        {
            var entry = entries.GetValueOrDefault(path);
            digest = entry?.Digest ?? default;
            return entry is not null && entry.Stamp == stamp;
        }
    }

    /// <summary>The content that a file had when it was noted last, whatever has become of it since.</summary>
    public bool TryGetPrevious(string path, out ContentDigest digest)
    {
        lock (gate)
        {
            digest = entries.TryGetValue(path, out var entry) ? entry.Digest : default;
            return entry is not null;
        }
    }

    /// <summary>Whether some file, under whatever name, was this large: then the file at hand may be that one, moved or touched.</summary>
    public bool KnowsSize(long size)
    {
        lock (gate)
        {
            if (sizes is null)
            {
                sizes = [];
                foreach (var entry in entries.Values)
                {
                    sizes.Add(entry.Stamp.Size);
                }
            }

            return sizes.Contains(size);
        }
    }

    /// <summary>Notes a file's content.</summary>
    /// <param name="path">The name under which it is asked for again.</param>
    /// <param name="stamp">The stamp taken before the content was read (and equal to the one after).</param>
    /// <param name="digest">SHA-256 of the content.</param>
    /// <param name="racy"><see cref="FileStamp.IsRacy"/> at the time the stamp was taken: such an entry is never answered with.</param>
    public void Set(string path, in FileStamp stamp, in ContentDigest digest, bool racy)
    {
        var entry = new Entry(stamp, digest, racy);
        lock (gate)
        {
            if (!entries.TryGetValue(path, out var old) || old != entry)
            {
                entries[path] = entry;
                sizes?.Add(stamp.Size);
                changed = true;
            }
        }
    }

    /// <summary>Forgets every file that <paramref name="isStale"/> names; keeps the table from growing for ever.</summary>
    public void Forget(Predicate<string> isStale)
    {
        lock (gate)
        {
            foreach (var path in entries.Keys.Where(p => isStale(p)).ToList())
            {
                entries.Remove(path);
                changed = true;
            }
        }
    }

    /// <summary>Saves the table if it differs from what was loaded or saved last. False, with a warning, when it cannot be written.</summary>
    public bool Save(string path, Action<Diagnostic>? warn = null)
    {
        lock (gate)
        {
            if (!changed && File.Exists(path))
            {
                return true;
            }

            try
            {
                BlockFile.Write(path, Kind, Version, Serialize());
                changed = false;
                return true;
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
                warn?.Invoke(new Diagnostic(
                    Severity.Warning, CacheCodes.CannotWrite, $"The table of file stamps cannot be written ({error.Message}); the next build reads all inputs again.", path));
                return false;
            }
        }
    }

    private ReadOnlySpan<byte> Serialize()
    {
        var bytes = new ArrayBufferWriter<byte>(1 + (entries.Count * 160));
        foreach (var (path, entry) in entries)
        {
            var length = Encoding.UTF8.GetByteCount(path);
            var span = bytes.GetSpan(FixedBytes + length);
            BinaryPrimitives.WriteInt32LittleEndian(span, length);
            BinaryPrimitives.WriteUInt64LittleEndian(span[4..], entry.Stamp.Device);
            BinaryPrimitives.WriteUInt64LittleEndian(span[12..], entry.Stamp.Inode);
            BinaryPrimitives.WriteInt64LittleEndian(span[20..], entry.Stamp.Size);
            BinaryPrimitives.WriteInt64LittleEndian(span[28..], entry.Stamp.MTimeNs);
            BinaryPrimitives.WriteInt64LittleEndian(span[36..], entry.Stamp.CTimeNs);
            entry.Digest.Write(span[44..]);
            span[76] = entry.Racy ? (byte)1 : (byte)0;
            Encoding.UTF8.GetBytes(path, span[FixedBytes..]);
            bytes.Advance(FixedBytes + length);
        }

        return bytes.WrittenSpan;
    }

    private bool Parse(ReadOnlySpan<byte> span)
    {
        entries.EnsureCapacity(span.Length / 160);
        while (!span.IsEmpty)
        {
            if (span.Length < FixedBytes)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadInt32LittleEndian(span);
            if (length < 0 || length > span.Length - FixedBytes)
            {
                return false;
            }

            var stamp = new FileStamp(
                BinaryPrimitives.ReadUInt64LittleEndian(span[4..]),
                BinaryPrimitives.ReadUInt64LittleEndian(span[12..]),
                BinaryPrimitives.ReadInt64LittleEndian(span[20..]),
                BinaryPrimitives.ReadInt64LittleEndian(span[28..]),
                BinaryPrimitives.ReadInt64LittleEndian(span[36..]));
            entries[Encoding.UTF8.GetString(span.Slice(FixedBytes, length))] = new Entry(stamp, ContentDigest.Read(span[44..]), span[76] != 0);
            span = span[(FixedBytes + length)..];
        }

        return true;
    }

    private sealed record Entry(FileStamp Stamp, ContentDigest Digest, bool Racy);
}
