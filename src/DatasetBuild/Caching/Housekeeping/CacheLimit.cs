using System.Globalization;

namespace DatasetBuild.Caching;

/// <summary>
/// Keeps a cache folder below a size from the first day: first without what projects need, then, if that does not suffice, with it, since a full disk
/// helps nobody and all of it can be computed again.
/// </summary>
public static class CacheLimit
{
    public const long DefaultBytes = 20L * 1000 * 1000 * 1000;

    private const string StampFile = "limit.stamp";

    /// <summary>Trims the cache if it is larger than <paramref name="limitBytes"/>; returns the bytes that were deleted.</summary>
    public static long Enforce(string cacheRoot, long limitBytes = DefaultBytes, Action<Diagnostic>? warn = null, TimeProvider? time = null)
    {
        var spared = CacheCollector.Collect(cacheRoot, new CollectionRules { MaxBytes = limitBytes }, time);
        var deleted = spared.Bytes;
        if (spared.BytesAfter > limitBytes)
        {
            deleted += CacheCollector.Collect(cacheRoot, new CollectionRules { MaxBytes = limitBytes, TakesNeeded = true }, time).Bytes;
        }

        if (deleted > 0)
        {
            warn?.Invoke(new Diagnostic(
                Severity.Message,
                CacheCodes.CacheTrimmed,
                string.Create(CultureInfo.InvariantCulture, $"The cache held {spared.BytesBefore / 1e9:0.00} GB of {limitBytes / 1e9:0.00} GB allowed; {deleted / 1e9:0.00} GB used longest ago were deleted."),
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

            // Put in its place, never written into: somebody may have made it a link.
            using var file = new TemporaryFile(stamp);
            file.Publish(flushToDisk: false, now);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return 0;
        }

        return Enforce(cacheRoot, limitBytes, warn, time);
    }
}
