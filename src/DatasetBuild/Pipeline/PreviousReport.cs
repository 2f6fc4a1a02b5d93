using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>
/// What the report said before the last build that changed something, so that the two can be compared: the manifest of that time, and those files of verdicts
/// that are no longer what they were; the others still stand in the report. Files move here instead of being written over, which costs next to nothing. It is
/// there as a whole, or its manifest is missing and it counts as not there.
/// </summary>
internal sealed class PreviousReport(string statePath, string reportPath)
{
    public const string FolderName = "previous";

    private readonly string folder = PathIn(statePath);
    private byte[]? manifest;

    public static string PathIn(string statePath) => Path.Combine(statePath, FolderName);

    /// <summary>
    /// Forgets the report that was kept so far and begins with the one that is there. Nothing of it is kept unless <paramref name="isAsWritten"/>: it could say
    /// what no build has said.
    /// </summary>
    public void Begin(bool isAsWritten)
    {
        if (Directory.Exists(folder))
        {
            File.Delete(Path.Combine(folder, ReportManifest.Name));
            Directory.Delete(folder, recursive: true);
        }

        var path = Path.Combine(reportPath, ReportManifest.Name);
        manifest = isAsWritten && File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>Takes a file of verdicts that another one is about to replace, or that is to go.</summary>
    public void Take(string path)
    {
        if (manifest is null || !File.Exists(path))
        {
            return;
        }

        var target = Path.Combine(folder, Path.GetRelativePath(reportPath, path));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Move(path, target, overwrite: true);
    }

    /// <summary>Makes what was taken count, when the new report is in place.</summary>
    public void Finish()
    {
        if (manifest is not null)
        {
            PrivateFile.Write(Path.Combine(folder, ReportManifest.Name), manifest);
        }
    }
}
