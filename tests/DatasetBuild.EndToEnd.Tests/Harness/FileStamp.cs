using System.Diagnostics;
using System.Globalization;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>Tells whether a file was written or replaced between two looks at it.</summary>
internal static class FileStamp
{
    /// <summary>The stamps of all files under some folders.</summary>
    public static Dictionary<string, string> Under(params string[] folders) => folders.SelectMany(SampleProject.FilesUnder).ToDictionary(file => file, Of);

    /// <summary>Inode and time of change where the system has them, else the time of the last write.</summary>
    public static string Of(string file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.GetLastWriteTimeUtc(file).Ticks.ToString(CultureInfo.InvariantCulture);
        }

        using var stat = Process.Start(new ProcessStartInfo("stat", ["--format=%i %y %z %s", file]) { RedirectStandardOutput = true })!;
        return stat.StandardOutput.ReadToEnd().Trim();
    }
}
