namespace DatasetBuild.Caching;

/// <summary>A file of the cache and when it was used last (its modification time, UTC).</summary>
internal readonly record struct CachedFile(string Path, long Bytes, DateTime LastUsed);

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

    /// <summary>The same of a folder of the cache: one that is a link leads out of it, and what lies there is not the cache's to list or to delete.</summary>
    internal static IEnumerable<CachedFile> Files(string cacheRoot, string folder) => IsLink(Path.Combine(cacheRoot, folder)) ? [] : Files(Path.Combine(cacheRoot, folder));

    internal static IEnumerable<string> Folders(string cacheRoot, string folder) => IsLink(Path.Combine(cacheRoot, folder)) ? [] : Folders(Path.Combine(cacheRoot, folder));

    private static bool IsLink(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).LinkTarget is not null;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return true;
        }
    }

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
