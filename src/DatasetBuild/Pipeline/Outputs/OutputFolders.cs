using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>The folders that a build writes to, looked at before any work is done.</summary>
internal static class OutputFolders
{
    /// <summary>Refuses a plan whose folders cannot be made, since a file stands in their place or in that of a folder above them, or mean the same.</summary>
    /// <exception cref="DatasetException">It names the file and the property.</exception>
    public static void RefuseBlocked(Plan plan)
    {
        if (WithSeparator(plan.ReportPath).StartsWith(WithSeparator(plan.OutputPath), StringComparison.Ordinal))
        {
            throw new DatasetException(
                CacheCodes.CannotCommit, "the report's folder lies in the subset's, where trainers would take it for data. Choose another DatasetReportPath.", plan.Project);
        }

        Refuse(plan, plan.OutputPath, "the subset's folder", "DatasetOutputPath");
        Refuse(plan, plan.ReportPath, "the report's folder", "DatasetReportPath");
        Refuse(plan, plan.StatePath, "the folder of the project's state", "BaseIntermediateOutputPath");
    }

    private static string WithSeparator(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;

    private static void Refuse(Plan plan, string folder, string what, string property)
    {
        var path = Path.TrimEndingDirectorySeparator(folder);
        while (path.Length > 0 && !Directory.Exists(path))
        {
            if (UnusableFile.Describe(path) is not { } problem)
            {
                throw new DatasetException(
                    CacheCodes.CannotCommit, $"a file stands in the place of {what}. Move '{plan.Display(path)}' away, or choose another {property}.", path);
            }

            if (File.Exists(path) || new FileInfo(path).LinkTarget is not null)
            {
                throw new DatasetException(
                    CacheCodes.CannotCommit, $"{what} cannot be made, because of '{plan.Display(path)}': {problem}. Remove it, or choose another {property}.", path);
            }

            path = Path.GetDirectoryName(path) ?? "";
        }
    }
}
