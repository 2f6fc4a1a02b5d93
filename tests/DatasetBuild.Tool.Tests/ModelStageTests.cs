using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

/// <summary>Stages that a language model scores for, with the small model of `examples/loss`.</summary>
public sealed class ModelStageTests
{
    [Fact]
    public void Explain_and_scores_show_what_the_model_made_of_a_record()
    {
        using var plan = Plan();
        plan.Build();
        var stages = plan.Run("explain", "data/answers.jsonl:1", "--json").ShouldExitWith(0).Json[0].GetProperty("stages");
        var loss = stages[0].GetProperty("score").GetDouble();
        loss.ShouldBeGreaterThan(0);
        stages[1].GetProperty("score").GetDouble().ShouldBe(Math.Exp(loss), 1e-9);
        plan.Run("explain", "data/answers.jsonl:1").ShouldExitWith(0).Output.ShouldMatch(@"Fluent\s+[\d.]+\s+Max 2.5\s");
        plan.Run("scores").ShouldExitWith(0).Lines[0].ShouldEndWith(",Fluent,Middle");
    }

    [Fact]
    public void Another_threshold_opens_no_weights()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "Which files are opened is seen with strace.");
        using var plan = Plan();
        OpenedBy(plan).ShouldContain(line => line.Contains("model.safetensors", StringComparison.Ordinal), "it is seen at all");
        plan.WithoutStages().Stage("Fluent", ("Kind", "Loss"), ("Model", "model"), ("Form", "Sum"), ("Max", "200")).Stage("Middle", ("Kind", "Perplexity"), ("Model", "model"), ("Band", "20%..80%"));

        var opened = OpenedBy(plan);

        opened.ShouldContain(line => line.Contains("answers.jsonl", StringComparison.Ordinal));
        opened.ShouldNotContain(line => line.Contains(".safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public void A_limit_of_time_stops_in_order_and_the_next_build_goes_on()
    {
        using var plan = Plan();
        var stopped = plan.Run("build", "--limit-time", "0.001s").ShouldExitWith(130);
        stopped.Error.ShouldContain("DSB3075");
        Directory.Exists(plan.PathOf("bin/dataset")).ShouldBeFalse("no subset of a part");
        plan.Run("build", "--limit-time", "10m").ShouldExitWith(0).Output.ShouldContain("kept");
        plan.Run("build", "--verify-clean").ShouldExitWith(0);
    }

    [Fact]
    public void A_build_that_is_killed_while_the_model_runs_goes_on_to_the_same_bytes()
    {
        using var plan = Plan(copies: 10);
        using (var process = DatasetTool.Launch("build", plan.File))
        {
            // The first batch that is kept says that the model is at work.
            while (!process.HasExited && (!Directory.Exists(plan.CachePath) || !Directory.EnumerateFiles(plan.CachePath, "*.log", SearchOption.AllDirectories).Any()))
            {
                Thread.Sleep(5);
            }

            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        Directory.Exists(plan.PathOf("bin/dataset")).ShouldBeFalse("it was killed before there was a subset");
        plan.Run("build", "--verify-clean").ShouldExitWith(0);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-5m")]
    [InlineData("0s")]
    [InlineData("10 parsecs")]
    [InlineData("m")]
    public void What_is_no_time_is_a_mistake(string time)
    {
        using var plan = Plan();
        plan.Run("build", $"--limit-time={time}").ShouldExitWith(2).Error.ShouldContain("90, 90s, 10m or 1.5h");
    }

    [Fact]
    public void A_dry_run_tells_from_a_sample_how_long_a_first_build_takes()
    {
        using var plan = Plan();
        File.WriteAllText(plan.PathOf("sample.csproj"), "<Project />");
        var stage = plan.Run("build", "--dry-run", "--json").ShouldExitWith(0).Json.GetProperty("stages")[0];
        stage.GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);
        Directory.Exists(Path.Combine(plan.CachePath, "scores")).ShouldBeFalse("nothing is kept");
    }

    private static SamplePlan Plan(int copies = 1)
    {
        var example = Path.Combine(Built.Repository, "examples", "loss");
        var plan = new SamplePlan();
        Directory.CreateDirectory(plan.PathOf("model"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(example, "model")))
        {
            File.Copy(file, plan.PathOf(Path.Combine("model", Path.GetFileName(file))));
        }

        return plan.Shard("data/answers.jsonl", Enumerable.Range(0, copies).SelectMany(copy =>
                File.ReadLines(Path.Combine(example, "data", "answers.jsonl")).Take(copies > 1 ? 220 : 40).Select(line => line.Replace("\"prompt\": \"", $"\"prompt\": \"{copy}: "))))
            .Stage("Fluent", ("Kind", "Loss"), ("Model", "model"), ("Max", "2.5"))
            .Stage("Middle", ("Kind", "Perplexity"), ("Model", "model"), ("Band", "10%..90%"));
    }

    /// <summary>What a build opens in the project's folder, one call a line.</summary>
    private static string[] OpenedBy(SamplePlan plan)
    {
        var trace = plan.PathOf("../" + Path.GetFileName(plan.Folder) + ".trace");
        try
        {
            DatasetTool.Start("strace", plan.Folder, ["-f", "-o", trace, "-e", "trace=open,openat,openat2", "dotnet", "exec", PackedFeed.ToolOfTheRun, "build", plan.File]).ShouldExitWith(0);
            return [.. File.ReadAllLines(trace).Where(line => line.Contains(plan.Folder, StringComparison.Ordinal))];
        }
        finally
        {
            File.Delete(trace);
        }
    }
}
