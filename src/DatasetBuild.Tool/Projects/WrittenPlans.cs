using DatasetBuild.Pipeline;

namespace DatasetBuild.Tool.Projects;

/// <summary>Finds the plan that an earlier build wrote, and tells whether it still says what the project says.</summary>
internal static class WrittenPlans
{
    // obj/Debug/net10.0/linux-x64/dataset/plan.json
    private const int Depth = 5;

    private static readonly string[] Imported = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"];

    /// <summary>The newest plan of the project under its <c>obj</c> folder, or null.</summary>
    public static (string Path, Plan Plan)? Find(ProjectRequest request)
    {
        var obj = Path.Combine(Path.GetDirectoryName(request.File)!, "obj");
        if (!Directory.Exists(obj))
        {
            return null;
        }

        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Depth, IgnoreInaccessible = true };
        foreach (var path in Directory.EnumerateFiles(obj, "plan.json", options)
            .Where(path => Path.GetFileName(Path.GetDirectoryName(path)) == "dataset" && IsOf(request.Configuration, Path.GetRelativePath(obj, path)))
            .OrderByDescending(Seen))
        {
            try
            {
                var plan = Plan.Load(path);
                if (plan.Project == request.File)
                {
                    return (path, plan);
                }
            }
            catch (DatasetException)
            {
                // A plan of another version: whoever needs one has it written anew, and says what is wrong.
            }
        }

        return null;
    }

    /// <summary>Whether nothing that a plan follows from was touched since it was known to be right.</summary>
    public static bool IsFresh(string path, Plan plan)
    {
        var known = Seen(path);
        return Sources(plan).All(source => !Exists(source) || File.GetLastWriteTimeUtc(source) <= known) && plan.Shards.All(shard => File.Exists(shard.FullPath));
    }

    /// <summary>Notes that MSBuild, asked at <paramref name="time"/>, would write the plan as it is.</summary>
    public static void Confirm(string path, DateTime time)
    {
        try
        {
            using (File.Create(ConfirmationOf(path)))
            {
            }

            File.SetLastWriteTimeUtc(ConfirmationOf(path), time);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Then MSBuild is asked again next time.
        }
    }

    /// <summary>Files whose text the project is made of, and folders in which a pattern may find other files than before.</summary>
    private static IEnumerable<string> Sources(Plan plan)
    {
        yield return plan.Project;
        foreach (var file in plan.Stages.Select(stage => stage.DefinedIn).Concat(plan.ShardSources).Distinct(StringComparer.Ordinal))
        {
            yield return file;
        }

        for (var folder = plan.ProjectDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            foreach (var name in Imported)
            {
                yield return Path.Combine(folder, name);
            }
        }

        var name2 = Path.GetFileName(plan.Project);
        yield return Path.Combine(plan.ProjectDirectory, "obj", name2 + ".nuget.g.props");
        yield return Path.Combine(plan.ProjectDirectory, "obj", name2 + ".nuget.g.targets");

        // A folder's time changes when a file in it comes or goes. The project's own changes with every bin and obj.
        foreach (var folder in plan.Shards.SelectMany(shard => FoldersOf(shard.FullPath, plan.ProjectDirectory)).Distinct(StringComparer.Ordinal))
        {
            yield return folder;
        }
    }

    private static IEnumerable<string> FoldersOf(string shard, string project)
    {
        yield return Path.GetDirectoryName(shard)!;
        for (var folder = Path.GetDirectoryName(shard); folder is not null && folder.Length > project.Length && folder.StartsWith(project, StringComparison.Ordinal); folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    private static bool IsOf(string? configuration, string relative) =>
        configuration is null || relative.Split(Path.DirectorySeparatorChar).Contains(configuration, StringComparer.OrdinalIgnoreCase);

    private static DateTime Seen(string path)
    {
        var written = File.GetLastWriteTimeUtc(path);
        var confirmed = File.Exists(ConfirmationOf(path)) ? File.GetLastWriteTimeUtc(ConfirmationOf(path)) : written;
        return confirmed > written ? confirmed : written;
    }

    private static string ConfirmationOf(string path) => Path.Combine(Path.GetDirectoryName(path)!, "plan.confirmed");

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);
}
