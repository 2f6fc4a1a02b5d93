using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;
using DatasetBuild.Tasks;

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

    /// <summary>Unpacks the engine's assembly for this machine and what lies beside it; <see cref="NativeEngine"/> says which of that a build starts.</summary>
    public string UnpackEngine(string folder)
    {
        ZipFile.ExtractToDirectory(File, folder);
        var tools = Path.Combine(folder, "tools", "net10.0");
        var assembly = Path.Combine(tools, RuntimeInformation.RuntimeIdentifier, "dotnet-dataset.dll");
        if (!System.IO.File.Exists(assembly))
        {
            return Path.Combine(tools, "any", "dotnet-dataset.dll");
        }

        if (OperatingSystem.IsLinux() && NativeEngine.Beside(assembly) is { } program)
        {
            System.IO.File.SetUnixFileMode(program, System.IO.File.GetUnixFileMode(program) | UnixFileMode.UserExecute); // as NuGet does
        }

        return assembly;
    }
}
