using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>
/// A dataset that was built, wherever its files lie now: as a report, which tells of every record, or as a subset, beside which its report may stand. A manifest
/// alone tells what went in and how much came out.
/// </summary>
internal sealed class BuiltDataset
{
    private const string VerdictFolder = "verdicts";

    private BuiltDataset(string path, Manifest manifest, ComparedSide? side)
    {
        Path = path;
        Manifest = manifest;
        Side = side;
    }

    /// <summary>The file or folder that it was found in.</summary>
    public string Path { get; }

    public Manifest Manifest { get; }

    /// <summary>Its records, as far as they are known; null where only the manifest is there.</summary>
    public ComparedSide? Side { get; }

    /// <summary>What stands at a path: a report's folder, a subset's folder, the folder that holds both, or a manifest in one of them.</summary>
    /// <exception cref="DatasetException">Nothing of that kind stands there, or it cannot be read.</exception>
    public static BuiltDataset Open(string path)
    {
        var folder = Directory.Exists(path) ? System.IO.Path.TrimEndingDirectorySeparator(path) : System.IO.Path.GetDirectoryName(path)!;
        if (!Directory.Exists(path) && System.IO.Path.GetFileName(folder) == System.IO.Path.GetDirectoryName(Manifest.RelativePath))
        {
            folder = System.IO.Path.GetDirectoryName(folder)!;
        }

        var inFolder = System.IO.Path.Combine(folder, "dataset");
        return IsReport(folder) ? OfReport(folder, folder)
            : IsSubset(folder) ? OfSubset(folder)
            : Directory.Exists(path) && IsSubset(inFolder) ? OfSubset(inFolder)
            : File.Exists(path) ? new BuiltDataset(path, ReadManifest(path), null)
            : throw new DatasetException(
                ProjectCodes.NoDataset, "there is no built dataset here: neither a report (manifest.json and verdicts/) nor a subset (.datasetbuild/manifest.json). Build the project, or name the folder that its build wrote.", path);
    }

    /// <summary>What the last build of a project has made.</summary>
    public static BuiltDataset OfProject(Plan plan) => IsReport(plan.ReportPath)
        ? OfReport(plan.ReportPath, plan.ReportPath)
        : throw new DatasetException(ProjectCodes.NoDataset, "the project has not been built, or its report was removed. Build it first.", plan.Project);

    /// <summary>What the build before that has made, as far as it was another one.</summary>
    public static BuiltDataset BeforeLast(Plan plan)
    {
        var folder = PreviousReport.PathIn(plan.StatePath);
        return File.Exists(System.IO.Path.Combine(folder, ReportManifest.Name))
            ? OfReport(folder, plan.ReportPath)
            : throw new DatasetException(
                ProjectCodes.NoEarlierBuild, "no earlier build is known to compare the last one with: it was the first, or the report was changed or removed since. Name another dataset to compare with.", plan.Project);
    }

    private static bool IsReport(string folder) => File.Exists(System.IO.Path.Combine(folder, ReportManifest.Name)) && Directory.Exists(System.IO.Path.Combine(folder, VerdictFolder));

    private static bool IsSubset(string folder) => File.Exists(System.IO.Path.Combine(folder, Manifest.RelativePath));

    /// <param name="folder">The report's folder.</param>
    /// <param name="otherwise">Where those verdicts stand that are not in it.</param>
    private static BuiltDataset OfReport(string folder, string otherwise)
    {
        var manifest = ReadManifest(System.IO.Path.Combine(folder, ReportManifest.Name));
        return new BuiltDataset(folder, manifest, new ComparedSide(manifest, shard =>
        {
            var name = System.IO.Path.Combine(VerdictFolder, VerdictPath.Of(shard));
            var path = System.IO.Path.Combine(folder, name);
            return System.IO.Path.GetFullPath(File.Exists(path) ? path : System.IO.Path.Combine(otherwise, name));
        }));
    }

    private static BuiltDataset OfSubset(string folder)
    {
        var path = System.IO.Path.Combine(folder, Manifest.RelativePath);
        var report = folder + ".report";
        if (IsReport(report) && File.ReadAllBytes(System.IO.Path.Combine(report, ReportManifest.Name)).AsSpan().SequenceEqual(File.ReadAllBytes(path)))
        {
            return OfReport(report, report);
        }

        var manifest = ReadManifest(path);
        var isWhole = manifest.Outputs.All(output => File.Exists(System.IO.Path.Combine(folder, output.Path)));
        return new BuiltDataset(folder, manifest, isWhole ? new ComparedSide(manifest, output => new SubsetRows(folder, output)) : null);
    }

    private static Manifest ReadManifest(string path)
    {
        try
        {
            return ManifestReader.Read(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(ProjectCodes.NoDataset, $"this is no manifest that can be read ({error.Message}). Name a dataset that was built, or build it again.", path, inner: error);
        }
    }
}
