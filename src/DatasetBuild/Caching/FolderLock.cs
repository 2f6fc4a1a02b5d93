using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>
/// Holds a folder against other builds by a file that is open exclusively; the lock ends with the process, whatever ends the process.
/// The file is deleted on release, so that nothing of it is published with the folder.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly string path;

    private FolderLock(string path, SafeFileHandle handle)
    {
        this.path = path;
        this.handle = handle;
    }

    /// <summary>The lock, or null when another build holds it for longer than <paramref name="wait"/>.</summary>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    internal static FolderLock? TryTake(string path, TimeSpan wait)
    {
        var until = Environment.TickCount64 + (long)wait.TotalMilliseconds;
        while (true)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            if (Environment.TickCount64 >= until)
            {
                return null;
            }

            Thread.Sleep(20);
        }
    }

    public void Dispose()
    {
        // Deleted before it is released: after that the name belongs to whoever creates it next.
        if (OperatingSystem.IsWindows())
        {
            handle.Dispose();
        }

        CacheFiles.TryDelete(path);
        handle.Dispose();
    }

    /// <summary>Lets go as a killed process would: the file stays.</summary>
    internal void Abandon() => handle.Dispose();

    /// <summary>The error is the system's own: EWOULDBLOCK of Linux or macOS, or a sharing violation of Windows.</summary>
    private static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static FolderLock? TryTake(string path)
    {
        SafeFileHandle handle;
        if (CacheFiles.IsLink(path))
        {
            // No lock of ours: to open it would hold, or make, a file elsewhere.
            CacheFiles.TryDelete(path);
        }

        try
        {
            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (IsHeld(error) || File.Exists(path))
        {
            // Its holder may have deleted it by now: that it was held is in the error alone.
            return null;
        }

        // The file that was locked may have been deleted by its last holder meanwhile, and another one may bear its name.
        var known = FileStamp.TryOf(handle, out var mine);
        if (FileStamp.TryOf(path, out var named) && (!known || (named.Device == mine.Device && named.Inode == mine.Inode)))
        {
            return new FolderLock(path, handle);
        }

        handle.Dispose();
        return null;
    }
}
