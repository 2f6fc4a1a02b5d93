using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Tool;

/// <summary>Every way in which people install a `dotnet` tool.</summary>
public sealed class InstallationTests(ToolPackage package) : IClassFixture<ToolPackage>
{
    [Fact]
    public void Into_a_folder_of_its_own_from_where_it_builds_and_answers()
    {
        var tools = Path.Combine(package.Folder, "tools");
        package.Run("tool", "install", "dotnet-dataset", "--tool-path", tools, "--version", package.Version);
        var tool = Path.Combine(tools, OperatingSystem.IsWindows() ? "dotnet-dataset.exe" : "dotnet-dataset");

        // The logger that MSBuild loads comes along in the package.
        using var project = new SampleProject("""<DatasetShard Include="data/*.jsonl" />""").WriteLines("data/a.jsonl", Messages.Counting("reed", 3));
        package.RunProgram(tool, project.Folder, "build").ShouldContain("kept 3 of 3 records in bin/Debug/net10.0/dataset/");
        package.RunProgram(tool, project.Folder, "status").ShouldContain("sample is ");
    }

    [Fact]
    public void Into_a_manifest_as_a_command_of_dotnet()
    {
        package.Run("new", "tool-manifest");
        package.Run("tool", "install", "dotnet-dataset", "--version", package.Version);
        package.Run("dataset", "--version").ShouldStartWith(package.Version);
        package.Run("tool", "run", "dotnet-dataset", "--", "cache", "info").ShouldContain("the oldest go first");
    }

    [Fact]
    public void Not_at_all_for_a_single_run() =>
        package.Run("dnx", $"dotnet-dataset@{package.Version}", "--yes", "--source", package.Feed, "cache", "info").ShouldContain("the oldest go first");
}
