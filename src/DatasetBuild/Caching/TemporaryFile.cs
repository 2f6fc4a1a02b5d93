using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>A file being written beside its target: it takes the target's name as a whole, or vanishes.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string target;
    private readonly string path;
    private bool published;

    internal TemporaryFile(string target)
    {
        this.target = target;
        CacheFiles.CreatePrivateFolder(Path.GetDirectoryName(target)!);
        path = CacheFiles.TemporaryBeside(target);
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

        Handle.Dispose();
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
