namespace DatasetBuild.Caching;

/// <summary>What may go from a cache.</summary>
public sealed record CollectionRules
{
    /// <summary>Above so many bytes, what was used longest ago goes; null: no limit.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>What was not used for so long goes, whatever the size; null: nothing for its age.</summary>
    public TimeSpan? KeepFor { get; init; }

    /// <summary>Whether parts go that a project which is still there used in its last build.</summary>
    public bool TakesNeeded { get; init; }

    /// <summary>Whether nothing is deleted, only told.</summary>
    public bool IsTrial { get; init; }
}

/// <summary>One thing that went, or would go: a file of derived data, or all scores of one scorer.</summary>
/// <param name="Path">Below the cache folder.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="LastUsed">UTC.</param>
public sealed record CollectedPart(string Path, long Bytes, DateTime LastUsed);

/// <summary>What a collection did.</summary>
/// <param name="Parts">What went, in the order in which it went.</param>
/// <param name="BytesBefore">The size of the cache before.</param>
/// <param name="NeededBytes">The size of what projects that are still there used in their last builds.</param>
public sealed record Collection(IReadOnlyList<CollectedPart> Parts, long BytesBefore, long NeededBytes)
{
    public long Bytes => Parts.Sum(part => part.Bytes);

    public long BytesAfter => BytesBefore - Bytes;
}

/// <summary>
/// Cleans a cache: the derived data that was used longest ago goes first, then the scorers that were used longest ago. What was used within the last
/// hour stays, or since an hour before the oldest build began that is at work: a build stamps what it uses every half hour. What a project needs stays
/// unless the rules say otherwise. A stamp that lies ahead tells of a clock that was wrong and of nothing else: it is taken for now, and set to it.
/// </summary>
public static class CacheCollector
{
    private static readonly TimeSpan Spared = TimeSpan.FromHours(1);
    private static readonly TimeSpan OfAnotherClock = TimeSpan.FromDays(1);

    public static Collection Collect(string cacheRoot, CollectionRules rules, TimeProvider? time = null)
    {
        var now = (time ?? TimeProvider.System).GetUtcNow().UtcDateTime;
        var spared = SparedFrom(cacheRoot, now, rules.IsTrial);
        if (!rules.IsTrial)
        {
            RemoveLeftovers(cacheRoot);
        }

        var needed = NeededParts(cacheRoot, rules.IsTrial);
        var total = CacheListing.Files(cacheRoot).Sum(file => file.Bytes);
        var gone = new List<CollectedPart>();
        long neededBytes = 0;
        long left = total;
        foreach (var part in Derived(cacheRoot).Concat(Scorers(cacheRoot)))
        {
            if (part.LastUsed - now > OfAnotherClock)
            {
                neededBytes += needed.Contains(part.Path) ? part.Bytes : 0;
                if (!rules.IsTrial)
                {
                    Restamp(cacheRoot, part, now);
                }

                continue;
            }

            var isNeeded = needed.Contains(part.Path);
            neededBytes += isNeeded ? part.Bytes : 0;
            var isOld = now - part.LastUsed > rules.KeepFor;
            var isTooMuch = left > rules.MaxBytes;
            if ((isOld || isTooMuch) && part.LastUsed <= spared && (rules.TakesNeeded || !isNeeded) && (rules.IsTrial || Delete(cacheRoot, part)))
            {
                gone.Add(part);
                left -= part.Bytes;
            }
        }

        return new Collection(gone, total, neededBytes);
    }

    /// <summary>What was used later than this stays. With a build at work that began ahead of this clock nobody can tell: then all does.</summary>
    private static DateTime SparedFrom(string cacheRoot, DateTime now, bool isTrial) => LiveBuild.Oldest(cacheRoot, isTrial) switch
    {
        { } began when began > now => DateTime.MinValue,
        { } began => began - Spared,
        null => now - Spared,
    };

    private static void Restamp(string cacheRoot, CollectedPart part, DateTime now)
    {
        var path = Path.Combine(cacheRoot, part.Path);
        foreach (var file in Directory.Exists(path) ? CacheListing.Files(path).Where(file => file.LastUsed > now).Select(file => file.Path) : [path])
        {
            try
            {
                File.SetLastWriteTimeUtc(file, now);
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
                // Gone, or not ours: then it stays.
            }
        }
    }

    /// <summary>What projects that are still there used; notes of those that are gone go too.</summary>
    private static HashSet<string> NeededParts(string cacheRoot, bool isTrial)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var project in KnownProject.All(cacheRoot))
        {
            if (project.IsThere)
            {
                needed.UnionWith(project.Parts);
            }
            else if (!isTrial)
            {
                project.Forget(cacheRoot);
            }
        }

        return needed;
    }

    private static IEnumerable<CollectedPart> Derived(string cacheRoot) =>
        CacheListing.FilesOf(cacheRoot, DerivedData.FolderName)
            .Select(file => new CollectedPart(Path.GetRelativePath(cacheRoot, file.Path), file.Bytes, file.LastUsed))
            .OrderBy(part => part.LastUsed).ThenBy(part => part.Path, StringComparer.Ordinal);

    private static IEnumerable<CollectedPart> Scorers(string cacheRoot) =>
        CacheListing.FoldersOf(cacheRoot, ScoreStore.FolderName).Where(CacheListing.IsIdentityFolder)
            .Select(folder => (Path: Path.GetRelativePath(cacheRoot, folder), Files: CacheListing.Files(folder).ToList()))
            .Where(scorer => scorer.Files.Count > 0)
            .Select(scorer => new CollectedPart(scorer.Path, scorer.Files.Sum(file => file.Bytes), scorer.Files.Max(file => file.LastUsed)))
            .OrderBy(part => part.LastUsed).ThenBy(part => part.Path, StringComparer.Ordinal);

    private static bool Delete(string cacheRoot, CollectedPart part)
    {
        var path = Path.Combine(cacheRoot, part.Path);
        try
        {
            if (LastUsed(path) > part.LastUsed)
            {
                // A build has come for it since it was listed.
                return false;
            }

            return Directory.Exists(path) ? ScoreStore.Forget(path) : CacheFiles.TryDelete(path);
        }
        catch (DatasetException)
        {
            // Not ours to delete: what can be deleted may suffice.
            return false;
        }
    }

    private static DateTime LastUsed(string path) =>
        Directory.Exists(path) ? CacheListing.Files(path).Select(file => file.LastUsed).DefaultIfEmpty().Max() : File.GetLastWriteTimeUtc(path);

    private static void RemoveLeftovers(string cacheRoot)
    {
        foreach (var folder in CacheListing.FoldersOf(cacheRoot, ScoreStore.FolderName).Where(path => path.EndsWith(ScoreStore.ForgottenSuffix, StringComparison.Ordinal)))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
            }
        }

        StrayTemporaries.RemoveFromCache(cacheRoot);
    }
}
