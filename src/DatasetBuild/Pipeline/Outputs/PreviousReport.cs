using DatasetBuild.Caching;
using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>
/// What the report said before the last build that changed something, so that the two can be compared: the manifest of that time, and those files of verdicts
/// that are no longer what they were; the others still stand in the report. Files move here instead of being written over, which costs next to nothing. They are
/// gathered in a folder of this build's own, which takes its name when all of them are there. Other builds of the project may do the same at this moment: then there is one of
/// theirs or nothing to compare with, and no build fails.
/// </summary>
internal sealed class PreviousReport(string statePath, string reportPath)
{
    private const string FolderName = "previous";

    // What is said of a folder whose name is taken: by .NET, which looks first, and by the systems, where somebody was quicker.
    private const int AlreadyExists = unchecked((int)0x80131620), LinuxNotEmpty = 39, MacNotEmpty = 66, WindowsAlreadyExists = unchecked((int)0x800700B7);

    private readonly string folder = PathIn(statePath);
    private readonly string own = CacheFiles.TemporaryBeside(PathIn(statePath));
    private byte[]? manifest;

    public static string PathIn(string statePath) => Path.Combine(statePath, FolderName);

    /// <summary>
    /// Forgets the report that was kept so far and begins with the one that is there. Nothing of it is kept unless <paramref name="isAsWritten"/>: it could say
    /// what no build has said.
    /// </summary>
    public void Begin(bool isAsWritten)
    {
        Forget();
        var path = Path.Combine(reportPath, ReportManifest.Name);
        Try(() => manifest = isAsWritten && File.Exists(path) ? File.ReadAllBytes(path) : null);
    }

    /// <summary>Takes a file of verdicts that another one is about to replace, or that is to go.</summary>
    public void Take(string path)
    {
        if (manifest is null || !File.Exists(path))
        {
            return;
        }

        Try(() =>
        {
            var target = Path.Combine(own, Path.GetRelativePath(reportPath, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(path, target, overwrite: true);
        });
    }

    /// <summary>Makes what was taken count, when the new report is in place.</summary>
    public void Finish()
    {
        if (manifest is not null)
        {
            Try(() =>
            {
                PrivateFile.Write(Path.Combine(own, ReportManifest.Name), manifest);
                Forget(); // one that another build has put there since
                try
                {
                    Directory.Move(own, folder);
                }
                catch (IOException error) when (error.HResult is AlreadyExists or LinuxNotEmpty or MacNotEmpty or WindowsAlreadyExists)
                {
                    // And yet another one: it is as good.
                }
            });
        }

        if (Directory.Exists(own))
        {
            Delete(own);
        }
    }

    /// <summary>What is there goes under another name first, so that nobody ever finds a part of it.</summary>
    private void Forget()
    {
        if (Directory.Exists(folder))
        {
            var old = CacheFiles.TemporaryBeside(folder);
            Try(() => Directory.Move(folder, old));
            Delete(old);
        }
    }

    private static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            // The next build removes what is left of it.
        }
    }

    /// <summary>Keeps nothing where another build came in between and took what was there; whatever else goes wrong is an error.</summary>
    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            manifest = null;
        }
    }
}
