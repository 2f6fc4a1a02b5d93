using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>Writes small files whole: under another name first, then renamed, so that nobody ever reads half of one.</summary>
internal static class PrivateFile
{
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = WriteBeside(path, content);
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes the content under a name of its own beside the file, and returns that: a rename puts it in place.</summary>
    public static string WriteBeside(string path, ReadOnlySpan<byte> content) => WriteBeside(path, bufferSize: 0, content, static (file, content) => file.Write(content));

    /// <summary>The same for a content that is not held as a whole.</summary>
    public static string WriteBeside(string path, Action<Stream> content) => WriteBeside(path, bufferSize: 1 << 16, content, static (file, content) => content(file));

    private static string WriteBeside<T>(string path, int bufferSize, T content, Action<FileStream, T> write)
        where T : allows ref struct
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = CacheFiles.TemporaryBeside(path);
        try
        {
            using var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize);
            FileModes.MakePrivate(file.SafeFileHandle);
            write(file, content);
            file.Flush();
            FileModes.MakeOrdinary(file.SafeFileHandle);
            return temporary;
        }
        catch
        {
            CacheFiles.TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Finds out whether a folder takes new files, by giving it one for a moment.</summary>
    /// <exception cref="IOException">It does not.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static void TryOut(string folder) => File.Delete(WriteBeside(Path.Combine(folder, "try"), []));

    public static void WriteIfDifferent(string path, ReadOnlySpan<byte> content)
    {
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            Write(path, content);
        }
    }
}
