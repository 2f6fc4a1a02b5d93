using System.Collections.Concurrent;
using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Files of one folder that are written beside their places first and take them together later: what cannot be written is found out while there is
/// still time to write nothing at all. Without <see cref="Publish"/> nothing remains of them.
/// </summary>
internal sealed class PendingFiles(string folder) : IDisposable
{
    private readonly ConcurrentDictionary<string, string> temporaries = new(StringComparer.Ordinal);

    /// <summary>Starts a new content for a file; several threads may. A file that says the same already is left alone.</summary>
    /// <param name="name">Relative to the folder, with '/'.</param>
    /// <param name="content">All of the file.</param>
    /// <exception cref="DatasetException">The name leads out of the folder, by a link.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string name, ReadOnlySpan<byte> content)
    {
        var path = PathOf(name);
        if (File.Exists(path) && new FileInfo(path).Length == content.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            return;
        }

        MakeRoomFor(path);
        temporaries[path] = PrivateFile.WriteBeside(TemporaryFor(path), content);
    }

    /// <summary>The same for a content that is not held as a whole.</summary>
    /// <inheritdoc cref="Write(string, ReadOnlySpan{byte})" path="/exception"/>
    public void Write(string name, Action<Stream> content)
    {
        var path = PathOf(name);
        MakeRoomFor(path);
        var temporary = PrivateFile.WriteBeside(TemporaryFor(path), content);
        if (File.Exists(path) && new FileInfo(path).Length == new FileInfo(temporary).Length && ContentDigest.TryOfFile(path) == ContentDigest.TryOfFile(temporary))
        {
            CacheFiles.TryDelete(temporary);
            return;
        }

        temporaries[path] = temporary;
    }

    /// <summary>All in one place, where the next build looks for what a killed one left.</summary>
    private string TemporaryFor(string path) => Path.Combine(folder, Path.GetFileName(path));

    private static void MakeRoomFor(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"a folder stands in the place of '{path}'");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The full path of a file of the folder.</summary>
    /// <exception cref="DatasetException">It is not in the folder, or a link on the way may lead out of it.</exception>
    public string PathOf(string name) => OutputPaths.IsSafe(name) && OutputPaths.HasRealFolders(folder, name)
        ? OutputPaths.Combine(folder, name)
        : throw new DatasetException(
            CacheCodes.UnsafePath, $"'{name}' does not stay inside the report's folder, or passes through a link or a file. Remove the link, or choose another DatasetReportPath.", folder);

    /// <summary>The full paths of the files that get a new content.</summary>
    public IEnumerable<string> Paths => temporaries.Keys;

    /// <summary>Puts all files in place.</summary>
    public void Publish()
    {
        foreach (var (path, temporary) in temporaries)
        {
            File.Move(temporary, path, overwrite: true);
            temporaries.TryRemove(path, out _);
        }
    }

    public void Dispose()
    {
        foreach (var temporary in temporaries.Values)
        {
            CacheFiles.TryDelete(temporary);
        }
    }
}
