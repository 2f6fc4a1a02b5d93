using System.Security.Cryptography;
using System.Text;

namespace DatasetBuild.Caching;

/// <summary>
/// A project that has built with this cache, and the parts that its last build used: no cleaning takes those while the project is there. Kept in the
/// cache itself, one file a project; whoever deletes a project's files ends its claims.
/// </summary>
/// <param name="Project">The full path of its project file.</param>
/// <param name="Built">When it was built last, apart from builds that had nothing to do (UTC).</param>
/// <param name="Parts">Paths below the cache folder.</param>
public sealed record KnownProject(string Project, DateTime Built, IReadOnlyList<string> Parts)
{
    internal const string FolderName = "projects";
    private const string Kind = "known-project";
    private const int Version = 1;
    private const long MaxBytes = 1 << 30;

    /// <summary>Notes what a build used; warns where that cannot be written, since the cache may then be cleaned of it.</summary>
    public static void Note(string cacheRoot, string project, CacheUse use, Action<Diagnostic> warn, TimeProvider? time = null)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true))
        {
            var parts = use.Parts;
            writer.Write(project);
            writer.Write((time ?? TimeProvider.System).GetUtcNow().UtcTicks);
            writer.Write(parts.Count);
            foreach (var part in parts)
            {
                writer.Write(part);
            }
        }

        try
        {
            CacheFiles.RefuseLink(Path.Combine(cacheRoot, FolderName), 1);
            BlockFile.Write(PathOf(cacheRoot, project), Kind, Version, memory.GetBuffer().AsSpan(0, (int)memory.Length), CacheFiles.TemporariesIn(cacheRoot));
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
            if (BlockFile.TryRead(file.Path, Kind, Version, MaxBytes, out var payload))
            {
                using (payload)
                {
                    if (Parse(payload.Span.ToArray()) is { } project && PathOf(cacheRoot, project.Project) == file.Path)
                    {
                        projects.Add(project);
                    }
                }
            }
        }

        return projects;
    }

    /// <summary>Ends a project's claims.</summary>
    internal static void Forget(string cacheRoot, string project) => CacheFiles.TryDelete(PathOf(cacheRoot, project));

    private static KnownProject? Parse(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            var project = reader.ReadString();
            var built = new DateTime(reader.ReadInt64(), DateTimeKind.Utc);
            var parts = new List<string>();
            for (var count = reader.ReadInt32(); count > 0; count--)
            {
                parts.Add(reader.ReadString());
            }

            return new KnownProject(project, built, parts);
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static string PathOf(string cacheRoot, string project) =>
        Path.Combine(cacheRoot, FolderName, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(project)).AsSpan(0, 16)) + DerivedData.Extension);
}
