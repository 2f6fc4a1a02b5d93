using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>A file being written beside its target, or in a folder of the same disk: it takes the target's name as a whole, or vanishes.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string target;
    private readonly string path;
    private bool published;

    /// <param name="target">The file that it becomes.</param>
    /// <param name="folder">Where it is written; null: beside the target.</param>
    /// <exception cref="IOException">It cannot be created, or the folder is a link.</exception>
    internal TemporaryFile(string target, string? folder = null)
    {
        this.target = target;
        CacheFiles.CreatePrivateFolder(Path.GetDirectoryName(target)!);
        if (folder is not null)
        {
            CacheFiles.RefuseLink(folder, 1);
            CacheFiles.CreatePrivateFolder(folder);
        }

        path = CacheFiles.TemporaryBeside(folder is null ? target : Path.Combine(folder, Path.GetFileName(target)));
        Handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        FileModes.MakePrivate(Handle);
    }

    internal SafeFileHandle Handle { get; }

    internal void Publish(bool flushToDisk, DateTime? stamp = null)
    {
        if (flushToDisk)
        {
            RandomAccess.FlushToDisk(Handle);
        }

        Handle.Dispose(); // its lock would keep readers out where it goes
        if (stamp is { } time)
        {
            File.SetLastWriteTimeUtc(path, time);
        }

        File.Move(path, target, overwrite: true);
        published = true;
    }

    public void Dispose()
    {
        Handle.Dispose();
        if (!published)
        {
            CacheFiles.TryDelete(path);
        }
    }
}
