using System.Diagnostics;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Tool;

/// <summary>
/// The tool as a package, made once of what is built, in a feed of its own. Whoever uses it has an empty package folder and an empty home for `dotnet`, so
/// that nothing on the machine is used or changed.
/// </summary>
public sealed class ToolPackage : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dataset-tool-package-").FullName;

    public ToolPackage()
    {
        var configuration = Path.GetFileName(Path.GetDirectoryName(Built.Engine))!;
        var project = Path.Combine(Built.Repository, "src", "DatasetBuild.Tool");
        DotNet.Run(Built.Repository, ["pack", project, "--no-build", "-c", configuration, "-o", Feed]).ExitCode.ShouldBe(0);
        var package = Directory.EnumerateFiles(Feed, "dotnet-dataset.*.nupkg").Single();
        Version = Path.GetFileNameWithoutExtension(package)["dotnet-dataset.".Length..];
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "nuget.config"), $"""
            <configuration><packageSources><clear /><add key="own" value="{Feed}" /></packageSources></configuration>
            """);
    }

    public string Version { get; }

    /// <summary>Where a user works who has no other feed than the one with the tool.</summary>
    public string Folder => Path.Combine(root, "work");

    public string Feed => Path.Combine(root, "feed");

    private Dictionary<string, string> Variables => new()
    {
        ["NUGET_PACKAGES"] = Path.Combine(root, "packages"),
        ["DOTNET_CLI_HOME"] = Path.Combine(root, "home"),
        ["XDG_CACHE_HOME"] = Path.Combine(root, "cache"),
    };

    public string Run(params string[] arguments)
    {
        var output = DotNet.Run(Folder, arguments, variables: Variables);
        output.ExitCode.ShouldBe(0, output.Text);
        return output.Text;
    }

    /// <summary>Starts a program that an installation made.</summary>
    public string RunProgram(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Variables.Where(variable => variable.Key == "XDG_CACHE_HOME"))
        {
            start.Environment[name] = value;
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using var process = Process.Start(start)!;
        var output = DotNet.Finish(process);
        output.ExitCode.ShouldBe(0, output.Text);
        return output.Text;
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
