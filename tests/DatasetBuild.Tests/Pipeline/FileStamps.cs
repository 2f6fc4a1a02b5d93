namespace DatasetBuild.Tests.Pipeline;

/// <summary>Every file and folder below a root as anybody could see it: size and time.</summary>
internal static class FileStamps
{
    public static Dictionary<string, (long Size, DateTime Written)> Of(string root) => new DirectoryInfo(root)
        .EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .ToDictionary(entry => Path.GetRelativePath(root, entry.FullName), entry => (entry is FileInfo file ? file.Length : 0, entry.LastWriteTimeUtc));
}
