using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>
/// Tells whoever cleans a cache that a build is at work on it, and since when: a file that is held open exclusively, so that it is known for a dead one's
/// when its process is gone, whatever ended that. A cache that cannot be written is none that could be cleaned.
/// </summary>
public sealed class LiveBuild : IDisposable
{
    private const string FolderName = "live";
    private const string Suffix = ".lock";

    private readonly string path;
    private readonly SafeFileHandle? handle;

    private LiveBuild(string path, SafeFileHandle? handle)
    {
        this.path = path;
        this.handle = handle;
    }

    public static LiveBuild Begin(string cacheRoot, TimeProvider? time = null)
    {
        var path = "";
        for (var attempt = 0; attempt < 3; attempt++)
        {
            path = Path.Combine(cacheRoot, FolderName, CacheFiles.RandomName() + Suffix);
            try
            {
                CacheFiles.RefuseLink(Path.GetDirectoryName(path)!, 1);
                CacheFiles.CreatePrivateFolder(Path.GetDirectoryName(path)!);
                var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
                File.SetLastWriteTimeUtc(handle, (time ?? TimeProvider.System).GetUtcNow().UtcDateTime);

                // Between its creation and its lock, a cleaning may have taken the file for a dead one's.
                if (File.Exists(path))
                {
                    return new LiveBuild(path, handle);
                }

                handle.Dispose();
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
            }
        }

        return new LiveBuild(path, null);
    }

    public void Dispose()
    {
        if (handle is not null)
        {
            handle.Dispose();
            CacheFiles.TryDelete(path);
        }
    }

    /// <summary>Removes what dead builds held.</summary>
    internal static void RemoveDead(string cacheRoot) => Oldest(cacheRoot, isTrial: false);

    /// <summary>When the oldest build that is still at work began (UTC), or null; what dead ones left is deleted unless this is a trial.</summary>
    internal static DateTime? Oldest(string cacheRoot, bool isTrial)
    {
        DateTime? oldest = null;
        foreach (var file in CacheListing.FilesOf(cacheRoot, FolderName).Where(file => file.Path.EndsWith(Suffix, StringComparison.Ordinal)))
        {
            if (CacheFiles.IsHeld(file.Path))
            {
                oldest = oldest is { } other && other < file.LastUsed ? other : file.LastUsed;
            }
            else if (!isTrial)
            {
                CacheFiles.TryDelete(file.Path);
            }
        }

        return oldest;
    }
}
