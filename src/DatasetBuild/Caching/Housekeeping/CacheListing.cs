namespace DatasetBuild.Caching;

/// <summary>A file of the cache and when it was used last (its modification time, UTC). A class: every build lists some, and generic code over structs is compiled anew by each process.</summary>
internal sealed record CachedFile(string Path, long Bytes, DateTime LastUsed);

/// <summary>Lists cache folders while others change them: what cannot be listed is not there. Links are not followed.</summary>
internal static class CacheListing
{
    private static readonly EnumerationOptions All = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
    private static readonly EnumerationOptions Top = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };

    internal static IEnumerable<CachedFile> Files(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFiles("*", All).Select(Of).Where(file => file.Path.Length > 0)];
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return [];
        }
    }

    internal static IEnumerable<string> Folders(string folder)
    {
        try
        {
            return Directory.GetDirectories(folder, "*", Top);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return [];
        }
    }

    /// <summary>The files of one part of a cache; none where a link stands in its place.</summary>
    internal static IEnumerable<CachedFile> FilesOf(string cacheRoot, string part) =>
        CacheFiles.IsBehindLink(Path.Combine(cacheRoot, part), 1) ? [] : Files(Path.Combine(cacheRoot, part));

    /// <summary>The folders of one part of a cache, likewise.</summary>
    internal static IEnumerable<string> FoldersOf(string cacheRoot, string part) =>
        CacheFiles.IsBehindLink(Path.Combine(cacheRoot, part), 1) ? [] : Folders(Path.Combine(cacheRoot, part));

    internal static bool IsIdentityFolder(string path) => Path.GetFileName(path) is { Length: 32 } name && name.All(char.IsAsciiHexDigitLower);

    private static CachedFile Of(FileInfo file)
    {
        try
        {
            return new CachedFile(file.FullName, file.Length, file.LastWriteTimeUtc);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return new CachedFile("", 0, default);
        }
    }
}
