namespace DatasetBuild.Caching;

/// <summary>What the builds that a cache knows of found and made of one scorer's values.</summary>
/// <param name="Use">The counts of all projects together.</param>
/// <param name="Projects">The projects that are still there and used the scorer in their last build, ordinal.</param>
public sealed record ScorerHistory(ScorerUse Use, IReadOnlyList<string> Projects);

/// <summary>The same of all scorers, by the names of their folders. Notes that are lost or damaged are left out: nothing but these figures depends on them.</summary>
public static class ScoreHistory
{
    public static IReadOnlyDictionary<string, ScorerHistory> Of(string cacheRoot)
    {
        var uses = new Dictionary<string, ScorerUse>(StringComparer.Ordinal);
        var projects = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var project in KnownProject.All(cacheRoot))
        {
            var isThere = project.IsThere;
            foreach (var use in project.Scorers)
            {
                uses[use.Identity] = uses.TryGetValue(use.Identity, out var others) ? others.Plus(use) : use;
                if (isThere && project.Parts.Contains(Path.Combine(ScoreStore.FolderName, use.Identity), StringComparer.Ordinal))
                {
                    (projects.TryGetValue(use.Identity, out var set) ? set : projects[use.Identity] = new SortedSet<string>(StringComparer.Ordinal)).Add(project.Project);
                }
            }
        }

        return uses.ToDictionary(use => use.Key, use => new ScorerHistory(use.Value, projects.TryGetValue(use.Key, out var set) ? [.. set] : []), StringComparer.Ordinal);
    }
}
