using System.Security.Cryptography;
using System.Text;

namespace DatasetBuild.Caching;

/// <summary>
/// A project that has built with this cache, and the parts that its last build used: no cleaning takes those while the project is there. Kept in the
/// cache itself, one file for each intermediate folder of a project, since what one configuration needs another may not; whoever deletes a project's
/// files ends its claims. Of two builds that write one note at the same time the last wins, which costs the counts of the other.
/// </summary>
/// <param name="Project">The full path of its project file.</param>
/// <param name="StatePath">Its intermediate folder, which holds the plan that was built last.</param>
/// <param name="Built">When it was built last, apart from builds that had nothing to do (UTC).</param>
/// <param name="Parts">Paths below the cache folder.</param>
/// <param name="Scorers">What its builds so far found of each scorer's values; the scorers of its last build first.</param>
public sealed record KnownProject(string Project, string StatePath, DateTime Built, IReadOnlyList<string> Parts, IReadOnlyList<ScorerUse> Scorers)
{
    internal const string FolderName = "projects";
    private const string Kind = "known-project";
    private const int Version = 2;
    private const long MaxBytes = 1 << 30;

    /// <summary>Scorers that were given up are forgotten when so many newer ones are known.</summary>
    private const int MaxScorers = 1024;

    /// <summary>Whether the project file is still there.</summary>
    public bool IsThere => File.Exists(Project);

    /// <summary>Notes what a build used; warns where that cannot be written, since the cache may then be cleaned of it.</summary>
    public static void Note(string cacheRoot, string project, string statePath, CacheUse use, Action<Diagnostic> warn, TimeProvider? time = null)
    {
        var path = PathOf(cacheRoot, project, statePath);
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            var parts = use.Parts;
            writer.Write(project);
            writer.Write(statePath);
            writer.Write((time ?? TimeProvider.System).GetUtcNow().UtcTicks);
            writer.Write(parts.Count);
            foreach (var part in parts)
            {
                writer.Write(part);
            }

            Write(writer, Together(use.Scorers, Read(path)?.Scorers ?? []));
        }

        try
        {
            CacheFiles.RefuseLink(Path.Combine(cacheRoot, FolderName), 1);
            BlockFile.Write(path, Kind, Version, memory.GetBuffer().AsSpan(0, (int)memory.Length), CacheFiles.TemporariesIn(cacheRoot));
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            warn(new Diagnostic(
                Severity.Warning, CacheCodes.CannotWrite, $"What this build needs of the cache cannot be noted, and cleaning the cache may remove it: {error.Message}", cacheRoot));
        }
    }

    /// <summary>All projects that are noted, whether or not they are still there. A note that cannot be read is none.</summary>
    public static IReadOnlyList<KnownProject> All(string cacheRoot)
    {
        var projects = new List<KnownProject>();
        foreach (var file in CacheListing.FilesOf(cacheRoot, FolderName).OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            if (Read(file.Path) is { } project && PathOf(cacheRoot, project.Project, project.StatePath) == file.Path)
            {
                projects.Add(project);
            }
        }

        return projects;
    }

    /// <summary>Ends the project's claims.</summary>
    internal void Forget(string cacheRoot) => CacheFiles.TryDelete(PathOf(cacheRoot, Project, StatePath));

    private static KnownProject? Read(string path)
    {
        if (!BlockFile.TryRead(path, Kind, Version, MaxBytes, out var payload))
        {
            return null;
        }

        using (payload)
        {
            return Parse(payload.Span.ToArray());
        }
    }

    private static KnownProject? Parse(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            var (project, statePath) = (reader.ReadString(), reader.ReadString());
            var built = new DateTime(reader.ReadInt64(), DateTimeKind.Utc);
            var parts = new List<string>();
            for (var count = reader.ReadInt32(); count > 0; count--)
            {
                parts.Add(reader.ReadString());
            }

            var scorers = new List<ScorerUse>();
            for (var count = reader.ReadInt32(); count > 0; count--)
            {
                scorers.Add(new ScorerUse(reader.ReadString(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadDouble()));
            }

            return new KnownProject(project, statePath, built, parts, scorers);
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static void Write(BinaryWriter writer, List<ScorerUse> scorers)
    {
        writer.Write(scorers.Count);
        foreach (var scorer in scorers)
        {
            writer.Write(scorer.Identity);
            writer.Write(scorer.Builds);
            writer.Write(scorer.Found);
            writer.Write(scorer.Scored);
            writer.Write(scorer.Most);
            writer.Write(scorer.Seconds);
        }
    }

    /// <summary>Those of this build with what they came to before, then the others.</summary>
    private static List<ScorerUse> Together(IReadOnlyList<ScorerUse> now, IReadOnlyList<ScorerUse> before)
    {
        var used = now.Select(use => use.Identity).ToHashSet(StringComparer.Ordinal);
        return [.. now.Select(use => before.FirstOrDefault(earlier => earlier.Identity == use.Identity) is { } earlier ? earlier.Plus(use) : use)
            .Concat(before.Where(earlier => !used.Contains(earlier.Identity))).Take(MaxScorers)];
    }

    private static string PathOf(string cacheRoot, string project, string statePath) =>
        Path.Combine(cacheRoot, FolderName, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{project}\n{statePath}")).AsSpan(0, 16)) + DerivedData.Extension);
}
