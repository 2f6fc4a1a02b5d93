using System.Diagnostics;
using System.Globalization;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>Tells whether a file was written or replaced between two looks at it.</summary>
internal static class FileStamp
{
    /// <summary>The stamps of all files under some folders.</summary>
    public static Dictionary<string, string> Under(params string[] folders) => Of(folders.SelectMany(SampleProject.FilesUnder));

    /// <summary>Inode and time of change where the system has them, else the time of the last write.</summary>
    public static Dictionary<string, string> Of(IEnumerable<string> files)
    {
        string[] all = [.. files];
        return !OperatingSystem.IsLinux()
            ? all.ToDictionary(file => file, file => File.GetLastWriteTimeUtc(file).Ticks.ToString(CultureInfo.InvariantCulture))
            : all.Chunk(500).SelectMany(some => some.Zip(Stat(some))).ToDictionary();
    }

    /// <summary>One process for many files: to start it is what costs.</summary>
    private static string[] Stat(string[] files)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["--format=%i %y %z %s", "--", .. files]) { RedirectStandardOutput = true })!;
        var lines = stat.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(files.Length, "a file is gone");
        return lines;
    }
}
