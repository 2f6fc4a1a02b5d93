namespace DatasetBuild.Pipeline;

/// <summary>Where paths lead when every link on the way is followed. Folders are looked at once.</summary>
internal sealed class RealPaths
{
    /// <summary>As many links as systems follow before they take them for a circle.</summary>
    private const int MaxLinks = 40;

    private readonly Dictionary<string, string> folders = new(StringComparer.Ordinal);

    /// <summary>The full path without links; where they go in a circle, the path as far as they do not.</summary>
    public string Of(string fullPath) => Of(Path.TrimEndingDirectorySeparator(fullPath), MaxLinks);

    private string Of(string path, int links)
    {
        if (Path.GetDirectoryName(path) is not { Length: > 0 } parent)
        {
            return path;
        }

        if (!folders.TryGetValue(parent, out var folder))
        {
            folder = folders[parent] = Of(parent, links);
        }

        var real = Path.Combine(folder, Path.GetFileName(path));
        return links > 0 && new FileInfo(real).LinkTarget is { } target ? Of(Path.GetFullPath(target, folder), links - 1) : real;
    }
}
