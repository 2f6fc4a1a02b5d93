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
    public void The_cache_is_that_of_the_project()
    {
        using var project = new SampleProject(Shards).WriteLines("data/a.jsonl", Messages.Counting("reed", 3));
        DatasetTool.RunIn(project.Folder, ["cache", "path"]).ShouldExitWith(0).Output.TrimEnd().ShouldBe(Path.TrimEndingDirectorySeparator(project.CachePath) + Path.DirectorySeparatorChar);
        DatasetTool.Run("cache", "info", project.Folder, "--json").ShouldExitWith(0).Json.GetProperty("path").GetString()!.ShouldStartWith(project.CachePath);
        DatasetTool.RunIn(project.Folder, ["cache", "path", "--cache", "elsewhere"]).ShouldExitWith(0).Output.TrimEnd().ShouldBe(project.PathOf("elsewhere"));

        project.Write("sample.csproj", "<Project />");
        var none = DatasetTool.RunIn(project.Folder, ["cache", "path"]).ShouldExitWith(0);
        none.Output.ShouldNotContain(project.CachePath);
        none.Error.ShouldContain("has no dataset");

        // Another project's cache must not be emptied because this one is broken.
        project.Write("sample.csproj", "<Project>");
        DatasetTool.RunIn(project.Folder, ["cache", "gc", "--keep-days", "1000", "--dry-run"]).ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public void A_question_builds_nothing_that_the_project_takes_in()
    {
        using var other = new SampleProject(Shards, name: "other", restores: true).WriteLines("data/a.jsonl", Messages.Counting("rush", 3));
        using var project = new SampleProject(Shards + $"""<ProjectReference Include="{other.PathOf("other.csproj")}" ReferenceOutputAssembly="false" OutputItemType="DatasetShard" />""");
        project.WriteLines("data/b.jsonl", Messages.Counting("reed", 4));
        DatasetTool.RunIn(project.Folder, ["build"]).ShouldExitWith(0).Output.ShouldContain("kept 7 of 7 records");
        DatasetTool.RunIn(project.Folder, ["status", "--check"]).ShouldExitWith(0);
        var before = other.Records();

        other.WriteLines("data/a.jsonl", Messages.Counting("rush", 5));
        DatasetTool.RunIn(project.Folder, ["status", "--check"]).ShouldExitWith(3).Output.ShouldMatch(@"dataset +\S*other.csproj +stale");
        DatasetTool.RunIn(project.Folder, ["stats"]).ShouldExitWith(0).Error.ShouldContain("other.csproj is stale, and taken for what it was built to last.");

        other.Records().ShouldBe(before);
        DatasetTool.RunIn(project.Folder, ["build"]).ShouldExitWith(0).Output.ShouldContain("kept 9 of 9 records");
    }

    [Fact]
    public void A_shard_that_was_only_touched_is_no_change()
    {
        using var project = new SampleProject(Shards).WriteLines("data/a.jsonl", Messages.Counting("reed", 3));
        DatasetTool.RunIn(project.Folder, ["build"]).ShouldExitWith(0);
        File.SetLastWriteTimeUtc(project.PathOf("data/a.jsonl"), DateTime.UtcNow.AddHours(-1));
        DatasetTool.RunIn(project.Folder, ["status", "--check"]).ShouldExitWith(0).Output.ShouldContain("up to date");
        DatasetTool.RunIn(project.Folder, ["build"]).ShouldExitWith(0).Output.ShouldContain("up to date");

        project.WriteLines("data/a.jsonl", Messages.Counting("rush", 3));
        DatasetTool.RunIn(project.Folder, ["status", "--check"]).ShouldExitWith(3).Output.ShouldMatch(@"shard +data/a.jsonl +changed");
    }

    [Fact]
    public void Properties_and_configuration_reach_the_project()
    {
        using var project = new SampleProject(Shards + Short).WriteLines("data/a.jsonl", Messages.Counting("reed", 6));
        DatasetTool.Run("build", project.Folder, "-p", "Least=3", "-c", "Release").ShouldExitWith(0).Output.ShouldContain("kept 4 of 6 records");
        File.Exists(project.PathOf("bin/Release/net10.0/dataset/.datasetbuild/manifest.json")).ShouldBeTrue();
        DatasetTool.Run("status", project.Folder, "-c", "Release", "-p", "Least=3", "--check").ShouldExitWith(0);
        DatasetTool.Run("status", project.Folder, "-p", "Least=3", "--check").ShouldExitWith(3).Output.ShouldContain("it was not built before");
    }

    [Fact]
    public void A_question_is_about_the_project_as_it_is_now_whatever_file_says_so()
    {
        using var project = new SampleProject(Shards + Short, """
            <DatasetOnly>true</DatasetOnly>
            </PropertyGroup>
            <Import Project="my.props" />
            <Import Project="mine.props" Condition="Exists('mine.props')" />
            <PropertyGroup>
            """);
        project.WriteLines("data/a.jsonl", Messages.Counting("reed", 6)).Write("my.props", Least(3));
        DatasetTool.Run("build", project.Folder).ShouldExitWith(0).Output.ShouldContain("kept 4 of 6 records");
        DatasetTool.Run("status", project.Folder, "--check").ShouldExitWith(0);

        project.Write("my.props", Least(4));
        DatasetTool.Run("status", project.Folder, "--check").ShouldExitWith(3).Output.ShouldContain("Min 3 to 4");
        KeptIn(project).ShouldBe(3);

        // Such an import stands in no list of the files that were read.
        project.Write("mine.props", Least(5));
        KeptIn(project).ShouldBe(2);
        DatasetTool.Run("explain", project.Folder, "data/a.jsonl:4", "--json").ShouldExitWith(0).Json[0].GetProperty("verdict").GetString().ShouldBe("dropped");
        DatasetTool.Run("scores", project.Folder).ShouldExitWith(0).Lines.Count(line => line.Contains(",kept,", StringComparison.Ordinal)).ShouldBe(2);
        DatasetTool.Run("status", project.Folder, "--check").ShouldExitWith(3).Output.ShouldContain("Min 3 to 5");
    }

    [Fact]
    public void A_variable_of_the_environment_is_a_property_as_ever()
    {
        using var project = new SampleProject(Shards + Short).WriteLines("data/a.jsonl", Messages.Counting("reed", 6));
        DatasetTool.RunIn(project.Folder, ["build"], ("Least", "3")).ShouldExitWith(0);
        DatasetTool.RunIn(project.Folder, ["status", "--check"], ("Least", "3")).ShouldExitWith(0);
        DatasetTool.RunIn(project.Folder, ["status", "--check"], ("Least", "2")).ShouldExitWith(3);
    }

    [Fact]
    public void A_property_of_one_command_line_is_none_of_the_next()
    {
        using var project = new SampleProject(Shards + Short, "<DatasetOnly>true</DatasetOnly><Least>3</Least>").WriteLines("data/a.jsonl", Messages.Counting("reed", 6));
        project.Build("-p:Least=2").ShouldSucceed();
        DatasetTool.Run("status", project.Folder, "--check").ShouldExitWith(3).Output.ShouldContain("Min 2 to 3");
        DatasetTool.Run("status", project.Folder, "--check", "-p:Least=2").ShouldExitWith(0);
        KeptIn(project).ShouldBe(4);

        DatasetTool.Run("build", project.Folder, "-p:DatasetOutputShards=2").ShouldExitWith(0);
        DatasetTool.Run("status", project.Folder, "--check").ShouldExitWith(3).Output.ShouldMatch("property +DatasetOutputShards +removed");
    }

    [Fact]
    public void A_question_with_properties_leaves_the_project_as_it_was_built()
    {
        using var project = new SampleProject(Shards + Short, "<DatasetOnly>true</DatasetOnly><Least>3</Least>").WriteLines("data/a.jsonl", Messages.Counting("reed", 6));
        DatasetTool.Run("build", project.Folder).ShouldExitWith(0);
        var state = SampleProject.BytesUnder(project.StatePath);

        DatasetTool.Run("status", project.Folder, "--check", "-p:Least=5").ShouldExitWith(3);
        KeptIn(project, "-p:Least=5").ShouldBe(2);
        KeptIn(project).ShouldBe(4);
        DatasetTool.Run("status", project.Folder, "--check").ShouldExitWith(0);
        SampleProject.BytesUnder(project.StatePath).ShouldBe(state, ignoreOrder: true);
    }

    [Fact]
    public void Of_several_target_frameworks_the_first_answers()
    {
        using var project = new SampleProject(Shards, "<DatasetOnly>true</DatasetOnly><TargetFramework /><TargetFrameworks>net10.0;net9.0</TargetFrameworks>");
        project.WriteLines("data/a.jsonl", Messages.Counting("reed", 2));
        DatasetTool.Run("build", project.Folder).ShouldExitWith(0);
        Directory.Exists(project.OutputPath).ShouldBeTrue();
        DatasetTool.Run("status", project.Folder, "--check").ShouldExitWith(0);
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

    private static string Least(int words) => $"<Project><PropertyGroup><Least>{words}</Least></PropertyGroup></Project>";

    private static int KeptIn(SampleProject project, params string[] arguments) =>
        DatasetTool.Run(["stats", project.Folder, "--json", .. arguments]).ShouldExitWith(0).Json.GetProperty("kept").GetInt32();

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
