using System.IO.Compression;

namespace DatasetBuild.Tests;

/// <summary>Files that are too large for this repository and lie beside it. Without them a test is skipped, but with CI=true it fails.</summary>
internal static class SharedData
{
    /// <summary>The full path of a file or folder under <c>../shared/data</c>.</summary>
    public static string Path(params string[] parts)
    {
        var path = System.IO.Path.Combine([Root(), .. parts]);
        var absent = !File.Exists(path) && !Directory.Exists(path);
        if (absent && Environment.GetEnvironmentVariable("CI") == "true")
        {
            throw new FileNotFoundException($"CI needs {path}.");
        }

        Assert.SkipWhen(absent, $"{path} is not there.");
        return path;
    }

    /// <summary>The full path of a file or folder under <c>../shared/data</c>, or null where it is not there.</summary>
    public static string? Find(params string[] parts) =>
        System.IO.Path.Combine([Root(), .. parts]) is var path && (File.Exists(path) || Directory.Exists(path)) ? path : null;

    /// <summary>The lines of a text file, unpacked if its name ends in <c>.gz</c>.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        using Stream file = File.OpenRead(path);
        using var content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "DatasetBuild.sln")))
        {
            folder = folder.Parent;
        }

        return System.IO.Path.Combine(folder?.Parent?.FullName ?? AppContext.BaseDirectory, "shared", "data");
    }
}
