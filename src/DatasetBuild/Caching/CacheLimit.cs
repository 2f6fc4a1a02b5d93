using System.Globalization;

namespace DatasetBuild.Caching;

/// <summary>
/// Keeps a cache folder below a size: the derived data that was used longest ago goes first, then the scorers that were used longest ago. Nothing that
/// was used within the last hour goes: a build that runs may need it.
/// </summary>
public static class CacheLimit
{
    public const long DefaultBytes = 20L * 1000 * 1000 * 1000;

    private const string StampFile = "limit.stamp";
    private static readonly TimeSpan Spared = TimeSpan.FromHours(1);

    /// <summary>Trims the cache if it is larger than <paramref name="limitBytes"/>; returns the bytes that were deleted.</summary>
    public static long Enforce(string cacheRoot, long limitBytes = DefaultBytes, Action<Diagnostic>? warn = null, TimeProvider? time = null)
    {
        var now = (time ?? TimeProvider.System).GetUtcNow().UtcDateTime;
        RemoveLeftovers(cacheRoot, now);
        var total = CacheListing.Files(cacheRoot).Sum(file => file.Bytes);
        var excess = total - limitBytes;
        long deleted = 0;
        if (excess > 0)
        {
            deleted = DeleteDerived(cacheRoot, excess, now);
            deleted += DeleteIdentities(cacheRoot, excess - deleted, now);
        }

        if (deleted > 0)
        {
            warn?.Invoke(new Diagnostic(
                Severity.Message,
                CacheCodes.CacheTrimmed,
                string.Create(CultureInfo.InvariantCulture, $"The cache held {total / 1e9:0.00} GB of {limitBytes / 1e9:0.00} GB allowed; {deleted / 1e9:0.00} GB used longest ago were deleted."),
                cacheRoot));
        }

        return deleted;
    }

    /// <summary><see cref="Enforce"/>, unless some build did so within the last day: listing a large cache is not for every build.</summary>
    public static long EnforceDaily(string cacheRoot, long limitBytes = DefaultBytes, Action<Diagnostic>? warn = null, TimeProvider? time = null)
    {
        var stamp = Path.Combine(cacheRoot, StampFile);
        var now = (time ?? TimeProvider.System).GetUtcNow().UtcDateTime;
        try
        {
            var age = now - File.GetLastWriteTimeUtc(stamp);
            if (!Directory.Exists(cacheRoot) || (age >= TimeSpan.Zero && age < TimeSpan.FromDays(1)))
            {
                return 0;
            }

            File.WriteAllBytes(stamp, []);
            File.SetLastWriteTimeUtc(stamp, now);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return 0;
        }

        return Enforce(cacheRoot, limitBytes, warn, time);
    }

    private static void RemoveLeftovers(string cacheRoot, DateTime now)
    {
        foreach (var folder in CacheListing.Folders(Path.Combine(cacheRoot, ScoreStore.FolderName)).Where(path => path.EndsWith(ScoreStore.ForgottenSuffix, StringComparison.Ordinal)))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
            }
        }

        foreach (var file in CacheListing.Files(Path.Combine(cacheRoot, DerivedData.FolderName)))
        {
            if (file.Path.EndsWith(CacheFiles.TemporarySuffix, StringComparison.Ordinal) && now - file.LastUsed > Spared)
            {
                CacheFiles.TryDelete(file.Path);
            }
        }
    }

    private static long DeleteDerived(string cacheRoot, long excess, DateTime now)
    {
        long deleted = 0;
        foreach (var file in CacheListing.Files(Path.Combine(cacheRoot, DerivedData.FolderName)).OrderBy(file => file.LastUsed).ThenBy(file => file.Path, StringComparer.Ordinal))
        {
            if (deleted >= excess || now - file.LastUsed < Spared)
            {
                break;
            }

            deleted += CacheFiles.TryDelete(file.Path) ? file.Bytes : 0;
        }

        return deleted;
    }

    private static long DeleteIdentities(string cacheRoot, long excess, DateTime now)
    {
        long deleted = 0;
        var identities = CacheListing.Folders(Path.Combine(cacheRoot, ScoreStore.FolderName)).Where(CacheListing.IsIdentityFolder)
            .Select(folder => (Folder: folder, Files: CacheListing.Files(folder).ToList()))
            .Where(identity => identity.Files.Count > 0)
            .Select(identity => (identity.Folder, Bytes: identity.Files.Sum(file => file.Bytes), LastUsed: identity.Files.Max(file => file.LastUsed)))
            .OrderBy(identity => identity.LastUsed).ThenBy(identity => identity.Folder, StringComparer.Ordinal);
        foreach (var (folder, bytes, lastUsed) in identities)
        {
            if (deleted >= excess || now - lastUsed < Spared)
            {
                break;
            }

            try
            {
                deleted += ScoreStore.Forget(folder) ? bytes : 0;
            }
            catch (DatasetException)
            {
                // Not ours to delete: what can be deleted may suffice.
            }
        }

        return deleted;
    }
}
