using System.Text;

namespace DatasetBuild.Caching;

/// <summary>What a cache folder holds, for people. Reads names, sizes and headers only; what vanishes or is damaged meanwhile is left out.</summary>
/// <param name="Derived">Derived data by kind, ordinal.</param>
/// <param name="Identities">Scorers, the most recently used first.</param>
/// <param name="OtherFiles">Files that belong to neither, e.g. tables of file stamps.</param>
/// <param name="OtherBytes">Their bytes.</param>
public sealed record CacheSummary(IReadOnlyList<DerivedSummary> Derived, IReadOnlyList<IdentitySummary> Identities, long OtherFiles, long OtherBytes)
{
    public long Files => Derived.Sum(kind => kind.Files) + Identities.Sum(identity => identity.Files) + OtherFiles;

    public long Bytes => Derived.Sum(kind => kind.Bytes) + Identities.Sum(identity => identity.Bytes) + OtherBytes;

    public static CacheSummary Of(string cacheRoot)
    {
        var derived = CacheListing.FoldersOf(cacheRoot, DerivedData.FolderName).OrderBy(path => path, StringComparer.Ordinal).Select(DerivedSummary.Of).ToList();
        var identities = CacheListing.FoldersOf(cacheRoot, ScoreStore.FolderName).Where(CacheListing.IsIdentityFolder).Select(IdentitySummary.Of)
            .OrderByDescending(identity => identity.LastUsed).ThenBy(identity => identity.Folder, StringComparer.Ordinal).ToList();
        var all = CacheListing.Files(cacheRoot).ToList();
        return new CacheSummary(
            derived,
            identities,
            all.Count - derived.Sum(kind => kind.Files) - identities.Sum(identity => identity.Files),
            all.Sum(file => file.Bytes) - derived.Sum(kind => kind.Bytes) - identities.Sum(identity => identity.Bytes));
    }
}

/// <summary>All derived data of one kind.</summary>
public sealed record DerivedSummary(string Kind, long Files, long Bytes, DateTime? LastUsed)
{
    internal static DerivedSummary Of(string folder)
    {
        var files = CacheListing.Files(folder).ToList();
        return new DerivedSummary(Path.GetFileName(folder), files.Count, files.Sum(file => file.Bytes), files.Count == 0 ? null : files.Max(file => file.LastUsed));
    }
}

/// <summary>The stored scores of one scorer.</summary>
/// <param name="Folder">32 hexadecimal digits: the first half of the identity's digest.</param>
/// <param name="Text">The canonical text, or null when it is lost or damaged.</param>
/// <param name="Entries">Entries in all segments that count; a key that lies in two of them counts twice.</param>
/// <param name="Segments">Segments that count.</param>
/// <param name="Logs">Logs of live or dead processes.</param>
/// <param name="Files">All files, replaced segments included.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="LastUsed">UTC.</param>
public sealed record IdentitySummary(string Folder, string? Text, long Entries, int Segments, int Logs, long Files, long Bytes, DateTime? LastUsed)
{
    private const int MaxTextBytes = 1 << 20;

    internal static IdentitySummary Of(string folder)
    {
        var name = Path.GetFileName(folder);
        var files = CacheListing.Files(folder).ToList();
        var text = ReadText(Path.Combine(folder, ScoreStore.IdentityFile), name);
        var segments = new List<(Guid Id, SegmentFacts Facts)>();
        foreach (var file in files)
        {
            if (ScoreSegment.TryParseName(Path.GetFileName(file.Path), out var id) && SegmentFacts.TryRead(file.Path) is { } facts)
            {
                segments.Add((id, facts));
            }
        }

        var replaced = segments.SelectMany(segment => segment.Facts.Replaces).ToHashSet();
        var live = segments.Where(segment => !replaced.Contains(segment.Id)).ToList();
        return new IdentitySummary(
            name,
            text,
            live.Sum(segment => segment.Facts.Entries),
            live.Count,
            files.Count(file => Path.GetFileName(file.Path).StartsWith(ScoreLog.Prefix, StringComparison.Ordinal)),
            files.Count,
            files.Sum(file => file.Bytes),
            files.Count == 0 ? null : files.Max(file => file.LastUsed));
    }

    private static string? ReadText(string path, string folder)
    {
        try
        {
            if (!FileStamp.TryOfUnlinked(path, out var stamp) || stamp.Size > MaxTextBytes)
            {
                return null;
            }

            var text = File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return ScorerIdentity.OfCanonicalText(text).Folder == folder ? text : null;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error) || error is DecoderFallbackException)
        {
            return null;
        }
    }
}
