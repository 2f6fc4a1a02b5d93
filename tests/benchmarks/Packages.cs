using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using DatasetBuild.EndToEnd.Tests.Harness;

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
    }

    public string Feed { get; }

    public string Version => Path.GetFileNameWithoutExtension(File)["DatasetBuild.".Length..];

    private string File => Directory.EnumerateFiles(Feed, "DatasetBuild.*.nupkg").Single();

    /// <summary>Unpacks the engine, and returns its assembly.</summary>
    public string UnpackEngine(string folder) => PackagedEngine.Unpack(File, folder);
}
