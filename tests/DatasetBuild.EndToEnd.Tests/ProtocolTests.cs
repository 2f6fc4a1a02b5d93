using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests;

/// <summary>MSBuild's half of a build, seen from outside, with an engine that does as it is told.</summary>
public sealed class ProtocolTests
{
    private const string Result = """out {"event":"result","upToDate":false,"kept":2,"records":3,"outputs":[],"reports":[],"manifest":""}""";

    [Fact]
    public void A_redirected_build_shows_the_table_under_the_line_that_names_the_output()
    {
        using var project = Project().Script("""out {"event":"table","text":"Stage  Kept\nShort     2"}""", Result);
        var build = project.Run("build", []).ShouldSucceed(); // at the verbosity that a user gets
        build.Text.ReplaceLineEndings("\n").ShouldContain($"sample -> {project.OutputPath}/ (kept 2 of 3)\n    Stage  Kept\n    Short     2\n");
    }

    [Fact]
    public void An_error_is_located_and_the_build_fails()
    {
        using var project = Project().Script(
            """out {"event":"diagnostic","severity":"error","code":"DSB1001","message":"Not JSON.","file":"/data/a.jsonl","line":3,"column":7}""", "exit 1");
        var build = project.Build().ShouldFail();
        build.Text.ShouldContain("/data/a.jsonl(3,7): error DSB1001: Not JSON. [");
        build.Text.ShouldNotContain("MSB4181");
    }

    [Fact]
    public void Warnings_about_data_are_errors_where_the_project_says_so_of_warnings()
    {
        const string Warning = """out {"event":"diagnostic","severity":"warning","code":"DSB1020","message":"Nothing is left.","file":"","line":0,"column":0}""";
        using var project = Project().Script(Warning, Result);
        project.Build().ExitCode.ShouldBe(0);
        var strict = project.Build("-p:TreatWarningsAsErrors=true").ShouldFail();
        strict.Text.ShouldContain("error DSB1020: Nothing is left.");
        project.Build("-p:TreatWarningsAsErrors=true", "-p:NoWarn=DSB1020").ShouldSucceed();
    }

    /// <summary>MSBuild ignores a property that nobody reads. One that begins as ours do and is like none of them is the user's own.</summary>
    [Fact]
    public void A_misspelt_property_of_the_command_line_is_told()
    {
        using var project = Project().Script(Result);
        var build = project.Build("-p:DatasetOutputSchma=Messages", "-p:datasetthreads=1", "-p:DatasetMin=3");
        build.ExitCode.ShouldBe(0, build.Text);
        build.Text.ShouldContain("sample.csproj : warning DSB2019: the property DatasetOutputSchma was given, and DatasetBuild has none of that name. Did you mean DatasetOutputSchema?");
        build.Text.ShouldContain("1 Warning(s)");
    }

    [Fact]
    public void The_plan_holds_the_items_in_order_with_empty_values_and_without_earlier_outputs()
    {
        using var project = Project("""
            <DatasetShard Include="**/*.jsonl" />
            <DatasetShard Include="data/b.jsonl" Dialect="Alpaca" />
            <SelectorStage Include="Short" Kind="TokenLength" Min="$(NoSuchProperty)" />
            <SelectorStage Include="Again" Kind="Random" />
            """);
        project.Write("data/a.jsonl", "").Write("data/b.jsonl", "").Write("bin/Debug/net10.0/dataset/train/old.jsonl", "").Write("obj/old.jsonl", "");
        project.Script(Result).Build().ShouldSucceed();

        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(project.StatePath, "plan.json")));
        var shards = json.RootElement.GetProperty("shards").EnumerateArray().ToArray();
        shards.Select(shard => shard.GetProperty("path").GetString()).ShouldBe([project.PathOf("data/a.jsonl"), project.PathOf("data/b.jsonl")]);
        shards[1].GetProperty("metadata").GetProperty("Dialect").GetString().ShouldBe("Alpaca");

        var stages = json.RootElement.GetProperty("stages").EnumerateArray().ToArray();
        stages.Select(stage => stage.GetProperty("name").GetString()).ShouldBe(["Short", "Again"]);
        stages[0].GetProperty("metadata").GetProperty("Min").GetString().ShouldBe("");
        stages[0].GetProperty("definedIn").GetString().ShouldBe(project.PathOf("sample.csproj"));
        json.RootElement.GetProperty("cachePath").GetString().ShouldBe(project.CachePath + "/");
    }

    [Fact]
    public void Clean_removes_what_the_build_wrote_wherever_it_is_and_nothing_else()
    {
        using var project = Project(properties: "<DatasetOnly>true</DatasetOnly><DatasetOutputPath>published</DatasetOutputPath>");
        project.Write("published/train/a.jsonl", "{}").Write("published/by-hand.txt", "mine").Write("../cache/scores", "costly");
        project.Script(Result.Replace("\"outputs\":[]", $"\"outputs\":[\"{project.PathOf("published/train/a.jsonl")}\"]"));
        project.Build().ShouldSucceed();

        project.Clean().ExitCode.ShouldBe(0);
        SampleProject.FilesUnder(project.PathOf("published")).ShouldBe([project.PathOf("published/by-hand.txt")]);
        Directory.Exists(project.StatePath).ShouldBeFalse();
        File.Exists(Path.Combine(project.CachePath, "scores")).ShouldBeTrue();
    }

    [Fact]
    public void The_outputs_survive_three_builds_in_which_nothing_happens()
    {
        using var project = Project().Write("bin/Debug/net10.0/dataset/a.jsonl", "{}");
        project.Script(Result.Replace("\"outputs\":[]", $"\"outputs\":[\"{project.PathOf("bin/Debug/net10.0/dataset/a.jsonl")}\"]"));
        for (var build = 0; build < 3; build++)
        {
            project.Build().ShouldSucceed();
            project.OutputFiles().ShouldHaveSingleItem();
        }
    }

    [Fact]
    public void A_design_time_build_leaves_the_data_alone()
    {
        using var project = Project();
        project.Run("build", ["-p:DesignTimeBuild=true"]).ShouldSucceed();
        File.Exists(Path.Combine(project.StatePath, "plan.json")).ShouldBeFalse();
    }

    [Fact]
    public void A_dataset_beside_code_is_built_with_the_code()
    {
        using var project = Project(properties: "<OutputType>Library</OutputType>");
        project.Write("Answer.cs", "public static class Answer { public const int Value = 42; }");
        project.Script(Result).Build().ShouldSucceed().Text.ShouldContain($"sample -> {project.OutputPath}/ (kept 2 of 3)");
        File.Exists(project.PathOf("bin/Debug/net10.0/sample.dll")).ShouldBeTrue();
    }

    [Fact]
    public void A_dataset_without_code_leaves_no_assembly()
    {
        using var project = Project();
        project.Script(Result).Build().ShouldSucceed();
        SampleProject.FilesUnder(project.PathOf("bin")).ShouldBeEmpty();
    }

    [Fact]
    public void Of_several_target_frameworks_the_first_builds_the_dataset()
    {
        using var project = Project(properties: "<DatasetOnly>true</DatasetOnly><TargetFramework /><TargetFrameworks>net10.0;net9.0</TargetFrameworks>");
        project.Script(Result);
        var build = project.Run("build", ["-m:2"]).ShouldSucceed();
        build.Text.ShouldContain("bin/Debug/net10.0/dataset/ (kept");
        build.Text.Split("(kept").Length.ShouldBe(2, build.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_projects_build_side_by_side_again_and_again(bool nodeReuse)
    {
        using var project = Project().Script(Result);
        project.Write("../other/other.csproj", File.ReadAllText(project.PathOf("sample.csproj")));
        project.WriteLines("../other/obj/Debug/net10.0/dataset/plan.json.script", [Result]);
        project.Write("both.slnx", """<Solution><Project Path="sample.csproj" /><Project Path="../other/other.csproj" /></Solution>""");
        for (var build = 0; build < 3; build++)
        {
            var output = project.Run("build", ["both.slnx", "-m:2"], nodeReuse).ShouldSucceed();
            output.Text.ShouldContain("sample -> ");
            output.Text.ShouldContain("other -> ");
        }
    }

    [Fact]
    public void The_files_can_be_asked_for_by_name()
    {
        using var project = Project();
        var file = Path.Combine(project.OutputPath, "train", "train-00000-of-00001.jsonl");
        project.Write(file, "").Write(Path.Combine(project.OutputPath, "notes.txt"), "not the engine's");
        project.Script(Result.Replace("\"outputs\":[]", $"\"outputs\":[\"{file}\"]"));
        using var json = JsonDocument.Parse(project.Run("build", ["-getTargetResult:GetDatasetOutputs"]).Text);
        var item = json.RootElement.GetProperty("TargetResults").GetProperty("GetDatasetOutputs").GetProperty("Items").EnumerateArray().ShouldHaveSingleItem();
        item.GetProperty("Identity").GetString().ShouldBe(file);
        item.GetProperty("DatasetPath").GetString().ShouldBe("train/train-00000-of-00001.jsonl");
        item.GetProperty("DatasetSplit").GetString().ShouldBe("train");
    }

    private static SampleProject Project(string items = "", string properties = "<DatasetOnly>true</DatasetOnly>") =>
        new(items, properties, Built.FakeEngine);
}
