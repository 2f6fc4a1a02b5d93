using System.Diagnostics;
using System.Globalization;
using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

/// <summary><c>build</c> with <c>--dry-run</c>, <c>--rescore</c> and <c>--verify-clean</c>.</summary>
public sealed class BuildOptionTests
{
    [Fact]
    public void A_dry_run_says_what_the_build_then_does_and_changes_nothing()
    {
        using var plan = Samples.TwoShards();
        File.WriteAllText(plan.PathOf("sample.csproj"), "<Project />");
        var before = Stamps(plan.Folder);
        var first = plan.Run("build", "--dry-run").ShouldExitWith(0);
        first.Output.ShouldMatch(@"(?m)^Short +9 +9 +0 +0  no rate measured yet$");
        first.Output.ShouldContain("sample: a build would read 10 of 10 records anew, and score 9, no rate measured yet");
        first.Output.ShouldContain("the stages behind 'Short'");
        Stamps(plan.Folder).ShouldBe(before);

        plan.Build();
        plan.Shard("data/c.jsonl", Samples.Record("sea", 3, 2));
        before = Stamps(plan.Folder);
        var said = plan.Run("build", "--dry-run", "--json").ShouldExitWith(0).Json;
        plan.Run("build", "--dry-run").ShouldExitWith(0).Output.ShouldMatch(@"(?m)^Short +10 +1 +9 +0  1 s$");
        Stamps(plan.Folder).ShouldBe(before);
        said.GetProperty("upToDate").GetBoolean().ShouldBeFalse();
        said.GetProperty("parsed").GetInt32().ShouldBe(1);
        var stage = said.GetProperty("stages")[1];
        (stage.GetProperty("name").GetString(), stage.GetProperty("exact").GetBoolean(), stage.GetProperty("toScore").GetInt32(), stage.GetProperty("fromColumns").GetInt32())
            .ShouldBe(("Short", true, 1, 9));

        var done = plan.Run("build", "--json").ShouldExitWith(0).Json[0].GetProperty("stages")[1];
        (done.GetProperty("scored").GetInt32(), done.GetProperty("cached").GetInt32()).ShouldBe((stage.GetProperty("toScore").GetInt32(), stage.GetProperty("found").GetInt32()));
    }

    [Fact]
    public void A_dry_run_of_what_is_up_to_date_says_so_unless_a_stage_is_to_be_scored_again()
    {
        using var plan = Samples.TwoShards();
        File.WriteAllText(plan.PathOf("sample.csproj"), "<Project />");
        plan.Build();
        plan.Run("build", "--dry-run").ShouldExitWith(0).Output.ShouldContain("up to date: nothing to score");
        plan.Run("build", "--dry-run", "--json").ShouldExitWith(0).Json.GetProperty("upToDate").GetBoolean().ShouldBeTrue();
        plan.Run("build", "--dry-run", "--rescore", "short").ShouldExitWith(0).Output.ShouldContain("and score 9, about 1 s");
    }

    [Fact]
    public void A_dry_run_fits_into_eighty_columns()
    {
        using var plan = Samples.TwoShards();
        var lines = DatasetTool.RunInTerminal(80, ["build", plan.File, "--dry-run"], ("NO_COLOR", "1")).ShouldExitWith(0).Output.Split('\n');
        lines.Max(line => line.TrimEnd('\r').Length).ShouldBeLessThanOrEqualTo(80);
    }

    [Fact]
    public void A_stage_is_scored_again_and_then_all_is_up_to_date()
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        var stages = plan.Run("build", "--rescore", "Short", "--json").ShouldExitWith(0).Json[0].GetProperty("stages");
        stages[1].GetProperty("scored").GetInt32().ShouldBe(9);
        plan.Run("build", "--rescore", "Shrt").ShouldExitWith(2).Error.ShouldContain("DSB2021: the project has no stage 'Shrt' to score again. Did you mean Short?");
        plan.Run("build", "--rescore", "Rated").ShouldExitWith(2).Error.ShouldContain("stores no scores");
        plan.Build().Output.ShouldNotContain("scored");
    }

    [Fact]
    public void Through_MSBuild_a_dataset_that_is_taken_in_keeps_its_scores()
    {
        const string Stage = """<SelectorStage Include="Short" Kind="TokenLength" Counter="Words" Min="1" />""";
        using var taken = new SampleProject("""<DatasetShard Include="data/*.jsonl" />""" + Stage, name: "taken", restores: true).WriteLines("data/a.jsonl", Messages.Counting("reed", 4));
        using var project = new SampleProject(
            $"""<ProjectReference Include="{taken.PathOf("taken.csproj")}" ReferenceOutputAssembly="false" OutputItemType="DatasetShard" />""" + Stage.Replace("Short", "Odd &amp; (short), $(Nothing)'"));

        Scored(DatasetTool.Run("build", project.Folder, "--json")).ShouldBe([("taken", 4), ("sample", 4)]);
        Scored(DatasetTool.Run("build", project.Folder, "--rescore", "Odd & (short), '", "--json")).ShouldBe([("taken", 0), ("sample", 4)]);
        Scored(DatasetTool.Run("build", project.Folder, "--json")).ShouldBe([("taken", 0), ("sample", 0)]);
        DatasetTool.Run("build", project.Folder, "--rescore", "Short").ShouldExitWith(2).Error.ShouldContain("the project has no stage 'Short' to score again");

        static IEnumerable<(string?, int)> Scored(ToolOutput output) => output.ShouldExitWith(0).Json.EnumerateArray().Select(result =>
            (Path.GetFileNameWithoutExtension(result.GetProperty("project").GetString()), result.GetProperty("stages")[0].GetProperty("scored").GetInt32()));
    }

    [Fact]
    public void A_solution_is_too_much_for_one_stage()
    {
        using var project = new SampleProject("""<DatasetShard Include="data/*.jsonl" />""").WriteLines("data/a.jsonl", Messages.Counting("reed", 4));
        project.Write("all.slnx", """<Solution><Project Path="sample.csproj" /></Solution>""");
        DatasetTool.Run("build", project.PathOf("all.slnx"), "--rescore", "Short").ShouldExitWith(2).Error.ShouldContain("is no project");
        DatasetTool.Run("build", project.PathOf("all.slnx"), "--dry-run", "--verify-clean").ShouldExitWith(2).Error.ShouldContain("Choose one");
    }

    [Fact]
    public void A_build_is_proved_by_a_clean_one()
    {
        using var plan = Samples.TwoShards();
        plan.Run("build", "--verify-clean").ShouldExitWith(0).Output.ShouldMatch(@"(?m)^verified: a clean build scored 9 and gave the same \d+ files, ");
        var clean = plan.Run("build", "--verify-clean", "--json").ShouldExitWith(0).Json[0].GetProperty("clean");
        clean.GetProperty("same").GetBoolean().ShouldBeTrue();
        Directory.GetDirectories(plan.PathOf("obj/dataset")).ShouldBeEmpty();
    }

    [Fact]
    public void A_difference_from_a_clean_build_is_an_error_with_its_place_and_a_remedy()
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        var key = ForgedSegment.Forge(Directory.GetFiles(plan.CachePath, "*.seg", SearchOption.AllDirectories).Single(), 0, 0);
        Directory.Delete(plan.PathOf("cache/derived"), recursive: true);
        Directory.Delete(plan.PathOf("bin"), recursive: true);

        var found = plan.Run("build", "--verify-clean").ShouldExitWith(1);

        found.Error.ShouldMatch(@"error DSB5002: the bytes differ from those of a clean build from byte [\d,]+ on");
        found.Error.ShouldContain("--rescore STAGE");
        found.Output.ShouldContain("not verified: ");
        plan.Run("build", "--verify-clean", "--json").ShouldExitWith(1).Json[0].GetProperty("clean").GetProperty("same").GetBoolean().ShouldBeFalse();

        var named = DatasetTool.Run("cache", "verify", plan.File, "--sample", "100").ShouldExitWith(1);
        named.Error.ShouldContain($"error DSB4013: Length of Response, counter words: of the record {key}, 0 is stored, and scoring it again gives ");
        named.Error.ShouldMatch(@"data/[ab]\.jsonl\(\d,1\): error");
        plan.Run("build", "--rescore", "Short").ShouldExitWith(0);
        plan.Run("build", "--verify-clean").ShouldExitWith(0);
        DatasetTool.Run("cache", "verify", plan.File, "--sample", "100").ShouldExitWith(0);
    }

    [Fact]
    public async Task An_interrupted_proof_leaves_nothing_behind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        using var plan = new SamplePlan();
        plan.Shard("data/a.jsonl", Enumerable.Range(0, 300_000).Select(i => $$"""{"prompt":"p{{i}}","completion":"c{{i}} and more of it"}""")).Stage("TokenLength", ("Counter", "Treebank"), ("Min", "1"));
        plan.Build();
        using var proof = DatasetTool.Launch("build", plan.File, "--verify-clean");
        proof.PriorityClass = ProcessPriorityClass.Idle; // on a busy machine it must not be done before the signal comes
        while (Directory.GetDirectories(plan.PathOf("obj/dataset")).Length == 0)
        {
            proof.HasExited.ShouldBeFalse();
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        using (var kill = Process.Start("kill", ["-INT", proof.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        DatasetTool.Finish(proof).ShouldExitWith(130);
        Directory.GetDirectories(plan.PathOf("obj/dataset")).ShouldBeEmpty();
        plan.Build().Output.ShouldContain("up to date");
    }

    private static List<(string, long, DateTime)> Stamps(string root) =>
        [.. new DirectoryInfo(root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).OrderBy(entry => entry.FullName, StringComparer.Ordinal)
            .Select(entry => (entry.FullName, entry is FileInfo file ? file.Length : 0, entry.LastWriteTimeUtc))];
}
