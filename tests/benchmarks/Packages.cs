using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;

namespace DatasetBuild.Benchmarks;

/// <summary>The packages of this repository in a feed of their own, as a user gets them on this machine.</summary>
internal sealed class Packages
{
    public Packages(string folder)
    {
        Feed = Path.Combine(folder, "feed");
        var repository = typeof(Packages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "Repository").Value!;
        var project = Path.Combine(repository, "build", "packages", "DatasetBuild.Package.csproj");
        string[] pack = ["pack", project, "-c", "Release", "-nologo", "-v:q", "-o", Feed, "-p:RunAnalyzers=false", $"-p:DatasetEngineRuntimes={RuntimeInformation.RuntimeIdentifier}"];
        using var process = Process.Start(new ProcessStartInfo("dotnet", pack) { RedirectStandardOutput = true })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The packages cannot be made:\n{text}");
        }

        using var package = ZipFile.OpenRead(File);
        IsAheadOfTime = package.GetEntry(EngineFolder(RuntimeInformation.RuntimeIdentifier) + "dotnet-dataset.dll") is not null;
    }

    public string Feed { get; }

    public string Version => Path.GetFileNameWithoutExtension(File)["DatasetBuild.".Length..];

    /// <summary>False where the compiler could not be restored: then all takes longer than it does for a user.</summary>
    public bool IsAheadOfTime { get; }

    private string File => Directory.EnumerateFiles(Feed, "DatasetBuild.*.nupkg").Single();

    /// <summary>Unpacks the engine that a build on this machine starts.</summary>
    public string UnpackEngine(string folder)
    {
        var engine = EngineFolder(IsAheadOfTime ? RuntimeInformation.RuntimeIdentifier : "any");
        using var package = ZipFile.OpenRead(File);
        Directory.CreateDirectory(folder);
        foreach (var entry in package.Entries.Where(entry => entry.FullName.StartsWith(engine, StringComparison.Ordinal)))
        {
            entry.ExtractToFile(Path.Combine(folder, entry.Name));
        }

        return Path.Combine(folder, "dotnet-dataset.dll");
    }

    private static string EngineFolder(string runtime) => $"tools/net10.0/{runtime}/";
}
