using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace DatasetBuild.Caching;

/// <summary>The few things that every cached file needs: private folders, temporaries that appear whole or not at all, reads that believe nothing.</summary>
internal static class CacheFiles
{
    internal const string TemporarySuffix = ".tmp";

    /// <summary>Where all temporaries of a cache are, so that those of dead builds are found at once.</summary>
    internal static string TemporariesIn(string cacheRoot) => Path.Combine(cacheRoot, "tmp");

    /// <summary>Creates the folder and what leads to it, readable by its owner only: scores and keys tell about data that may be secret.</summary>
    internal static void CreatePrivateFolder(string path)
    {
        if (path.Length == 0 || Directory.Exists(path))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // One by one: given a path, the runtime lends the mode to its last folder only.
        CreatePrivateFolder(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path)) ?? "");
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    internal static string RandomName() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>A name beside <paramref name="target"/> that no other process or thread uses.</summary>
    internal static string TemporaryBeside(string target) =>
        string.Create(CultureInfo.InvariantCulture, $"{target}.{Environment.ProcessId}-{RandomName()[..12]}{TemporarySuffix}");

    internal static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    /// <summary>
    /// Whether a folder of the cache, or one of those above it up to the cache's own, is a link. What lies behind one is not the cache's: it is neither read, nor
    /// written, nor deleted. The cache's own folder may be a link, or lie behind one: that was its owner's choice.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="depth">How many folders below the cache's it lies.</param>
    internal static bool IsBehindLink(string folder, int depth) => depth > 0 && (IsLink(folder) || IsBehindLink(Path.GetDirectoryName(folder)!, depth - 1));

    /// <exception cref="IOException">The folder lies behind a link.</exception>
    internal static void RefuseLink(string folder, int depth)
    {
        if (IsBehindLink(folder, depth))
        {
            throw new IOException($"'{folder}' is a link or lies behind one, and links in the cache are not followed");
        }
    }

    /// <summary>
    /// Opens a regular file for reading; null when there is none. A pipe or device planted under the name would block for ever, and a link leads out of the folder, so
    /// they count as none.
    /// </summary>
    /// <exception cref="IOException">The file is there and cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    internal static SafeFileHandle? OpenRead(string path)
    {
        if (!FileStamp.TryOfUnlinked(path, out _))
        {
            return null;
        }

        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>; false when the file ends before.</summary>
    internal static bool TryReadExactly(SafeFileHandle handle, Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(handle, destination, offset);
            if (read <= 0)
            {
                return false;
            }

            destination = destination[read..];
            offset += read;
        }

        return true;
    }

    /// <summary>Whether a process, on whatever machine, holds a file open exclusively or in any way that keeps others from doing so.</summary>
    internal static bool IsHeld(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return true;
        }
    }

    internal static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception error) when (IsFileError(error))
        {
            return false;
        }
    }

    /// <summary>Marks a file or folder as used now, unless it was marked within <paramref name="atMostEvery"/>. Failing to is of no consequence.</summary>
    internal static void Touch(string path, TimeProvider time, TimeSpan atMostEvery)
    {
        try
        {
            var now = time.GetUtcNow().UtcDateTime;
            var last = File.GetLastWriteTimeUtc(path);
            if (now - last > atMostEvery || last - now > TimeSpan.FromDays(1))
            {
                File.SetLastWriteTimeUtc(path, now);
            }
        }
        catch (Exception error) when (IsFileError(error))
        {
        }
    }

    internal static bool IsFileError(Exception error) =>
        error is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException or System.Security.SecurityException;
}
