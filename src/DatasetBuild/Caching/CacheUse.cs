using System.Collections.Concurrent;

namespace DatasetBuild.Caching;

/// <summary>How often a project's builds found one scorer's values, and what it cost to make the others.</summary>
/// <param name="Identity">The name of the scorer's folder in the score store.</param>
/// <param name="Builds">How many builds asked for values.</param>
/// <param name="Found">Records whose value was there.</param>
/// <param name="Scored">Keys that were scored.</param>
/// <param name="Seconds">How long scoring them took, reading the records included.</param>
public sealed record ScorerUse(string Identity, long Builds, long Found, long Scored, double Seconds)
{
    /// <summary>The two of one scorer together.</summary>
    public ScorerUse Plus(ScorerUse other) => new(Identity, Builds + other.Builds, Found + other.Found, Scored + other.Scored, Seconds + other.Seconds);
}

/// <summary>Which parts of the cache a build found useful: paths below the cache folder, of files of derived data and of folders of scores.</summary>
public sealed class CacheUse
{
    private readonly ConcurrentDictionary<string, bool> parts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ScorerUse> scorers = new(StringComparer.Ordinal);

    /// <summary>In ordinal order, so that equal uses are equal lists.</summary>
    public IReadOnlyList<string> Parts => [.. parts.Keys.Order(StringComparer.Ordinal)];

    /// <summary>One for each scorer whose values were asked for, as of one build.</summary>
    public IReadOnlyList<ScorerUse> Scorers
    {
        get
        {
            lock (scorers)
            {
                return [.. scorers.Values];
            }
        }
    }

    /// <summary>Counts what one stage found of a scorer's values, and what was scored.</summary>
    public void Count(ScorerIdentity identity, long found, long scored, TimeSpan elapsed)
    {
        lock (scorers)
        {
            var use = new ScorerUse(identity.Folder, 1, found, scored, elapsed.TotalSeconds);
            scorers[identity.Folder] = scorers.TryGetValue(identity.Folder, out var earlier) ? earlier.Plus(use) with { Builds = 1 } : use;
        }
    }

    internal void Add(string cacheRoot, string path) => parts.TryAdd(Path.GetRelativePath(cacheRoot, path), true);
}
