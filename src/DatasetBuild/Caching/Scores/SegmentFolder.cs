namespace DatasetBuild.Caching;

/// <summary>
/// The sealed segments of one identity as this process sees them. Other processes add, merge and delete segments at any time; a segment that is
/// open here stays readable, and one that vanished before it was opened is named as replaced by one that a second listing shows.
/// </summary>
internal sealed class SegmentFolder(string folder, byte[] identity, int width, Action<string, Diagnostic> warnOnce) : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);
    private readonly Dictionary<Guid, ScoreSegment> open = [];
    private readonly List<string> damagedFiles = [];
    private HashSet<Guid> replaced = [];

    /// <summary>The segments that count, the largest first.</summary>
    internal IReadOnlyList<ScoreSegment> Live { get; private set; } = [];

    /// <summary>All segments on disk that this one's inputs replaced or were: what a merged segment must name to keep them from coming back.</summary>
    internal HashSet<Guid> ReplacedBy(IEnumerable<ScoreSegment> inputs)
    {
        var ids = new HashSet<Guid>();
        foreach (var input in inputs)
        {
            ids.Add(input.Id);
            ids.UnionWith(input.Replaces.Where(id => File.Exists(Path.Combine(folder, ScoreSegment.NameOf(id)))));
        }

        return ids;
    }

    /// <summary>Lists the folder anew.</summary>
    internal void Refresh()
    {
        for (var attempt = 0; !TryRefresh() && attempt < 3; attempt++)
        {
        }
    }

    /// <summary>Deletes what no reader needs any more: inputs of merges after the grace time, files nothing can be got out of.</summary>
    internal void Sweep(TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var merged in open.Values.Where(segment => now - segment.Written >= Grace).ToList())
        {
            foreach (var id in merged.Replaces)
            {
                if (open.Remove(id, out var input))
                {
                    input.Dispose();
                }

                CacheFiles.TryDelete(Path.Combine(folder, ScoreSegment.NameOf(id)));
            }
        }

        foreach (var path in damagedFiles)
        {
            CacheFiles.TryDelete(path);
        }

        damagedFiles.Clear();
        Settle();
    }

    internal string[] Files(string pattern) => FilesIn(folder, pattern);

    /// <summary>Files of one scorer's folder; none where it is missing or a link.</summary>
    internal static string[] FilesIn(string folder, string pattern)
    {
        try
        {
            return CacheFiles.IsBehindLink(folder, ScoreStore.FolderDepth) ? [] : Directory.GetFiles(folder, pattern);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return [];
        }
    }

    public void Dispose()
    {
        foreach (var segment in open.Values)
        {
            segment.Dispose();
        }

        open.Clear();
        Live = [];
    }

    private bool TryRefresh()
    {
        var complete = true;
        var found = new HashSet<Guid>();
        var problems = new List<Problem>();
        damagedFiles.Clear();
        foreach (var path in Files(ScoreSegment.Prefix + "*" + ScoreSegment.Suffix))
        {
            if (!ScoreSegment.TryParseName(Path.GetFileName(path), out var id))
            {
                continue;
            }

            found.Add(id);
            if (!open.ContainsKey(id))
            {
                complete &= TryOpen(path, id, problems);
            }
        }

        // What somebody deleted must not come back through a merge.
        foreach (var gone in open.Values.Where(segment => !found.Contains(segment.Id)).ToList())
        {
            open.Remove(gone.Id);
            gone.Dispose();
        }

        Settle();
        foreach (var (id, diagnostic) in problems)
        {
            // A bad segment whose entries live on in another is nobody's concern.
            if (!replaced.Contains(id))
            {
                warnOnce(diagnostic.File!, diagnostic);
            }
        }

        return complete;
    }

    private bool TryOpen(string path, Guid id, List<Problem> problems)
    {
        try
        {
            switch (ScoreSegment.TryOpen(path, identity, width, out var segment))
            {
                case FileVerdict.Good:
                    open.Add(id, segment!);
                    return true;
                case FileVerdict.Damaged:
                    damagedFiles.Add(path);
                    problems.Add(new Problem(id, Damaged(path)));
                    return true;
                case FileVerdict.Foreign:
                    problems.Add(new Problem(id, Foreign(path)));
                    return true;
                default:
                    return false;
            }
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            problems.Add(new Problem(id, new Diagnostic(Severity.Warning, CacheCodes.UnreadableFile, $"Stored scores cannot be read and are computed again: {error.Message}", path)));
            return true;
        }
    }

    private void Settle()
    {
        replaced = [];
        foreach (var segment in open.Values)
        {
            replaced.UnionWith(segment.Replaces);
        }

        var live = open.Values.Where(segment => !replaced.Contains(segment.Id)).ToList();
        live.Sort((left, right) => left.Count != right.Count ? right.Count.CompareTo(left.Count) : left.Id.CompareTo(right.Id));
        Live = live;
    }

    internal static Diagnostic Damaged(string path) =>
        new(Severity.Warning, CacheCodes.DamagedScores, "Stored scores are damaged; the records concerned are scored again. If this recurs, check the disk.", path);

    internal static Diagnostic Foreign(string path) =>
        new(Severity.Warning, CacheCodes.ForeignScores, "A file among the stored scores belongs to another scorer, width or version; it is ignored. Delete it if it was copied there.", path);

    private sealed record Problem(Guid Id, Diagnostic Diagnostic);
}
