namespace DatasetBuild.Tool.Output;

internal static class Paths
{
    /// <summary>A path as a person at this place would type it: relative where it lies below the current folder.</summary>
    public static string Short(string path)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            return path;
        }

        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
