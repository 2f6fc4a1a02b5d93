using System.Collections.Concurrent;

namespace DatasetBuild.Caching;

/// <summary>How often a project's builds found one scorer's values, and what it cost to make the others.</summary>
/// <param name="Identity">The name of the scorer's folder in the score store.</param>
/// <param name="Builds">How many builds asked for values.</param>
/// <param name="Found">Records whose value was there.</param>
/// <param name="Scored">Keys that were scored.</param>
/// <param name="Most">How many of them in the build that scored the most: of few, what it costs to begin is all that can be measured.</param>
/// <param name="Seconds">How long those took, reading the records included.</param>
public sealed record ScorerUse(string Identity, long Builds, long Found, long Scored, long Most, double Seconds)
{
    /// <summary>Records that were scored in a second, or null where none was.</summary>
    public double? Rate => Most > 0 && Seconds > 0 ? Most / Seconds : null;

    /// <summary>This one and later builds of one scorer together.</summary>
    public ScorerUse Plus(ScorerUse later)
    {
        var (most, seconds) = later.Most >= Most ? (later.Most, later.Seconds) : (Most, Seconds);
        return new ScorerUse(Identity, Builds + later.Builds, Found + later.Found, Scored + later.Scored, most, seconds);
    }
}

/// <summary>Which parts of the cache a build found useful: paths below the cache folder, of files of derived data and of folders of scores.</summary>
public sealed class CacheUse
{
    private readonly ConcurrentDictionary<string, bool> parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ScorerUse> scorers = new(StringComparer.Ordinal);

    /// <summary>In ordinal order, so that equal uses are equal lists.</summary>
    public IReadOnlyList<string> Parts => [.. parts.Keys.Order(StringComparer.Ordinal)];

    /// <summary>One for each scorer whose values were asked for, as of one build; in ordinal order too.</summary>
    public IReadOnlyList<ScorerUse> Scorers
    {
        get
        {
            lock (scorers)
            {
                return [.. scorers.Values.OrderBy(use => use.Identity, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Counts what one stage found of a scorer's values, and what was scored.</summary>
    public void Count(ScorerIdentity identity, long found, long scored, TimeSpan elapsed)
    {
        lock (scorers)
        {
            var earlier = scorers.GetValueOrDefault(identity.Folder) ?? new ScorerUse(identity.Folder, 1, 0, 0, 0, 0);
            scorers[identity.Folder] = earlier with
            {
                Found = earlier.Found + found,
                Scored = earlier.Scored + scored,
                Most = earlier.Most + scored,
                Seconds = earlier.Seconds + (scored > 0 ? elapsed.TotalSeconds : 0),
            };
        }
    }

    internal void Add(string cacheRoot, string path) => parts.TryAdd(Path.GetRelativePath(cacheRoot, path), true);
}
