namespace DatasetBuild.Pipeline;

/// <summary>Where the cache lives when a project does not say: the user's cache folder, shared by all projects.</summary>
public static class UserFolders
{
    public static string Cache
    {
        get
        {
            if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
            {
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "DatasetBuild", "cache");
            }

            var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } declared && Path.IsPathRooted(declared)
                ? declared
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            return Path.Combine(root, "datasetbuild");
        }
    }
}
