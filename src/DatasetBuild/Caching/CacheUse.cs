using System.Collections.Concurrent;

namespace DatasetBuild.Caching;

/// <summary>Which parts of the cache a build found useful: paths below the cache folder, of files of derived data and of folders of scores.</summary>
public sealed class CacheUse
{
    private readonly ConcurrentDictionary<string, bool> parts = new(StringComparer.Ordinal);

    /// <summary>In ordinal order, so that equal uses are equal lists.</summary>
    public IReadOnlyList<string> Parts => [.. parts.Keys.Order(StringComparer.Ordinal)];

    internal void Add(string cacheRoot, string path) => parts.TryAdd(Path.GetRelativePath(cacheRoot, path), true);
}
