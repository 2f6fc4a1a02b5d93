namespace DatasetBuild.Tool.Projects;

/// <summary>Files that MSBuild, NuGet and `dotnet` look for by name, from a folder upwards, and obey where they find them.</summary>
internal static class Surroundings
{
    private static readonly string[] Names =
    [
        "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Directory.Build.rsp", "global.json", "nuget.config", "NuGet.config", "NuGet.Config",
    ];

    /// <summary>All places where such a file could lie for a project in <paramref name="folder"/>, when one works in <paramref name="current"/>.</summary>
    public static IEnumerable<string> Of(string folder, string current)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return [.. Above(folder, Names), .. Above(current, Names), Path.Combine(home, ".nuget", "NuGet", "NuGet.Config"), Path.Combine(home, ".nuget", "config")];
    }

    public static IEnumerable<string> Above(string folder, params IReadOnlyList<string> names)
    {
        for (var place = folder; place is not null; place = Path.GetDirectoryName(place))
        {
            foreach (var name in names)
            {
                yield return Path.Combine(place, name);
            }
        }
    }
}
