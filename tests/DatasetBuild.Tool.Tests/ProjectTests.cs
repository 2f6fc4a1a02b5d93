using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

/// <summary>Through MSBuild: what holds for the project holds for the tool.</summary>
public sealed class ProjectTests
{
    private const string Shards = """<DatasetShard Include="data/*.jsonl" />""";
    private const string Short = """<SelectorStage Include="Short" Kind="TokenLength" Part="Response" Counter="Words" Min="$(Least)" />""";

    [Fact]
    public void A_project_is_built_and_asked_about()
    {
        using var project = Quickstart();
        var built = DatasetTool.RunIn(project.Folder, ["build"]).ShouldExitWith(0);
        built.Output.ShouldContain("kept 132 of 228 records");
        project.Records().Length.ShouldBe(132);

        DatasetTool.RunIn(project.Folder, ["status", "--check"]).ShouldExitWith(0);
        project.Build().ShouldSucceed().Text.ShouldContain("up to date");
        DatasetTool.RunIn(project.Folder, ["explain", "data/chat.jsonl:2"]).ShouldExitWith(0).Output.ShouldContain("dropped by BestRated: behind Keep");

        // A shard that a pattern finds stands in no project file.
        project.WriteLines("data/more.jsonl", [Samples.Record("moss", 9)]);
        DatasetTool.RunIn(project.Folder, ["status", "--check"]).ShouldExitWith(3).Output.ShouldMatch(@"shard +data/more.jsonl +new");
        project.Clean().ExitCode.ShouldBe(0);
        Directory.Exists(project.OutputPath).ShouldBeFalse();
    }

    [Fact]
    public void Properties_and_configuration_reach_the_project()
    {
        using var project = new SampleProject(Shards + Short).WriteLines("data/a.jsonl", Messages.Counting("reed", 6));
        DatasetTool.Run("build", project.Folder, "-p", "Least=3", "-c", "Release").ShouldExitWith(0).Output.ShouldContain("kept 4 of 6 records");
        File.Exists(project.PathOf("bin/Release/net10.0/dataset/.datasetbuild/manifest.json")).ShouldBeTrue();
        DatasetTool.Run("status", project.Folder, "-c", "Release", "--check").ShouldExitWith(0);
    }

    [Fact]
    public void What_MSBuild_has_to_say_against_a_project_is_relayed()
    {
        using var project = new SampleProject("<Broken").WriteLines("data/a.jsonl", Messages.Counting("reed", 1));
        DatasetTool.Run("build", project.Folder).ShouldExitWith(2).Error.ShouldContain("error MSB4025");
    }

    [Fact]
    public void A_project_that_does_not_use_DatasetBuild_is_told_so()
    {
        var folder = Directory.CreateTempSubdirectory("dataset-plain-");
        File.WriteAllText(Path.Combine(folder.FullName, "plain.proj"), "<Project />");
        var output = DatasetTool.Run("status", folder.FullName).ShouldExitWith(2);
        output.Error.ShouldContain("does not use DatasetBuild");
        output.Error.ShouldNotContain("Time Elapsed");
        folder.Delete(recursive: true);
    }

    /// <summary>The example as a user would have it.</summary>
    private static SampleProject Quickstart()
    {
        var example = Path.Combine(Built.Repository, "examples", "quickstart");
        var project = new SampleProject();
        project.Write("sample.csproj", File.ReadAllText(Path.Combine(example, "quickstart.csproj")));
        foreach (var shard in Directory.EnumerateFiles(Path.Combine(example, "data")))
        {
            project.Write("data/" + Path.GetFileName(shard), File.ReadAllText(shard));
        }

        return project;
    }
}
