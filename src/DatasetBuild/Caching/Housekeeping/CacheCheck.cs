using System.Buffers.Binary;

namespace DatasetBuild.Caching;

/// <summary>What reading every block of a cache found.</summary>
/// <param name="Files">Files that were read.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Damaged">Files with a bad block or header; what they held is computed again when it is needed.</param>
public sealed record CacheCheck(long Files, long Bytes, IReadOnlyList<string> Damaged)
{
    /// <summary>Reads every file of derived data, every segment and every log, and checks each block against its checksum.</summary>
    /// <param name="cacheRoot">The cache.</param>
    /// <param name="progress">Receives the bytes read so far and those of all files.</param>
    /// <param name="cancel">Stops between two files.</param>
    public static CacheCheck Run(string cacheRoot, Action<long, long>? progress, CancellationToken cancel)
    {
        var files = CacheListing.Files(cacheRoot).Where(file => IsChecked(file.Path)).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        var total = files.Sum(file => file.Bytes);
        var damaged = new List<string>();
        long read = 0, bytes = 0;
        foreach (var file in files)
        {
            cancel.ThrowIfCancellationRequested();
            switch (Check(file.Path))
            {
                case FileVerdict.Gone:
                    continue;
                case FileVerdict.Damaged:
                    damaged.Add(file.Path);
                    break;
            }

            read++;
            bytes += file.Bytes;
            progress?.Invoke(bytes, total);
        }

        return new CacheCheck(read, bytes, damaged);
    }

    /// <summary>
    /// Deletes what is damaged and returns what went: builds do so only with what they read, and what no build reads any more would stay. The sound blocks of such a
    /// file go with it, and are computed again when they are needed. A log that a build holds stays.
    /// </summary>
    public IReadOnlyList<string> RemoveDamaged() => [.. Damaged.Where(path => !(Path.GetExtension(path) == ScoreLog.Suffix && CacheFiles.IsHeld(path)) && CacheFiles.TryDelete(path))];

    private static bool IsChecked(string path) =>
        Path.GetExtension(path) is DerivedData.Extension or ScoreSegment.Suffix or ScoreLog.Suffix;

    private static FileVerdict Check(string path)
    {
        try
        {
            return Path.GetExtension(path) switch
            {
                DerivedData.Extension => BlockFile.Check(path),
                ScoreSegment.Suffix => WithClaims(path, CheckSegment),
                _ => WithClaims(path, CheckLog),
            };
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return File.Exists(path) ? FileVerdict.Damaged : FileVerdict.Gone;
        }
    }

    /// <summary>Asks a file of scores for what it claims to be; whether that holds together is checked all the same.</summary>
    private static FileVerdict WithClaims(string path, Func<string, byte[], int, FileVerdict> check)
    {
        using var handle = CacheFiles.OpenRead(path);
        var head = new byte[SegmentHeader.Size];
        if (handle is null)
        {
            return FileVerdict.Gone;
        }

        if (!CacheFiles.TryReadExactly(handle, head.AsSpan(0, ScoreLog.HeaderSize), 0))
        {
            return FileVerdict.Damaged;
        }

        var width = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12));
        return width is < 1 or > 256 ? FileVerdict.Damaged : check(path, head[16..48], width);
    }

    private static FileVerdict CheckSegment(string path, byte[] identity, int width)
    {
        var verdict = ScoreSegment.TryOpen(path, identity, width, out var segment);
        if (verdict != FileVerdict.Good)
        {
            return verdict == FileVerdict.Foreign ? FileVerdict.Damaged : verdict;
        }

        using (segment)
        {
            using var buffer = new RentedBytes(segment!.BlockBytes);
            for (var block = 0; block < segment.Blocks; block++)
            {
                if (!segment.TryReadBlock(block, buffer.Span, out _))
                {
                    return FileVerdict.Damaged;
                }
            }
        }

        return FileVerdict.Good;
    }

    private static FileVerdict CheckLog(string path, byte[] identity, int width)
    {
        using var handle = CacheFiles.OpenRead(path);
        if (handle is null)
        {
            return FileVerdict.Gone;
        }

        var verdict = ScoreLog.Read(handle, identity, width, (in EntryBlock _, bool _) => { }, out var damaged);
        return damaged || verdict == FileVerdict.Foreign ? FileVerdict.Damaged : verdict;
    }
}
