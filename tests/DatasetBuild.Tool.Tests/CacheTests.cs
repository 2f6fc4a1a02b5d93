using System.Diagnostics;
using System.Globalization;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class CacheTests : IDisposable
{
    private readonly SamplePlan plan = new();

    public CacheTests() => plan
        .Shard("data/a.jsonl", [.. Enumerable.Range(0, 20).Select(i => $$"""{"prompt":"p{{i}}","completion":"c{{i}}"}""")])
        .Stage("TokenLength", ("Counter", "Bytes"), ("Min", "1"));

    public void Dispose() => plan.Dispose();

    [Fact]
    public void Cleaning_is_tried_first_and_then_done()
    {
        plan.Build();
        Age();

        var trial = Cache("gc", "--keep-days", "30", "--dry-run", "--json").ShouldExitWith(0).Json;
        Cache("info", "--json").Json.GetProperty("scores").GetArrayLength().ShouldBe(1);
        var done = Cache("gc", "--keep-days", "30", "--json").ShouldExitWith(0).Json;

        done.GetProperty("removed").ToString().ShouldBe(trial.GetProperty("removed").ToString());
        done.GetProperty("removed").GetArrayLength().ShouldBeGreaterThan(1);
        Cache("info", "--json").Json.GetProperty("scores").GetArrayLength().ShouldBe(0);
        Cache("gc", "--max-size", "1.5GiB").ShouldExitWith(0).Output.ShouldContain("removed 0 B");
    }

    [Fact]
    public void A_limit_that_cannot_be_met_says_why()
    {
        File.WriteAllText(plan.PathOf("sample.csproj"), "<Project />");
        plan.Build();
        Age();

        Cache("gc", "--max-size", "0").ShouldExitWith(0).Output.ShouldContain("known projects used");
    }

    [Theory]
    [InlineData("say what is to go", "gc")]
    [InlineData("is no size", "gc", "--max-size", "much")]
    [InlineData("is no size", "gc", "--max-size", "-5GB")]
    [InlineData("from 0 to 36500", "gc", "--keep-days", "-1")]
    [InlineData("from 1", "verify", "--sample", "0")]
    [InlineData("Give --sample too", "verify", "--seed", "3")]
    public void Mistakes_are_told(string words, params string[] arguments) => Cache(arguments).ShouldExitWith(2).Error.ShouldContain(words);

    [Fact]
    public void A_flipped_bit_is_found_and_named()
    {
        plan.Build();
        Cache("verify").ShouldExitWith(0).Output.ShouldContain("all sound");
        var file = Directory.GetFiles(plan.CachePath, "*.seg", SearchOption.AllDirectories).Single();
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);

        var found = Cache("verify").ShouldExitWith(1);

        found.Output.ShouldContain("1 damaged");
        found.Error.ShouldContain(Path.GetFileName(file));
        Cache("verify", "--json").ShouldExitWith(1).Json.GetProperty("damaged")[0].GetString().ShouldBe(file);
    }

    [Fact]
    public void What_is_damaged_is_removed_where_that_is_wanted_and_made_anew_by_the_next_build()
    {
        plan.Build();
        var file = Directory.GetFiles(plan.CachePath, "*.seg", SearchOption.AllDirectories).Single();
        File.WriteAllBytes(file, [1, 2, 3]);
        Cache("verify").ShouldExitWith(1).Error.ShouldContain("--remove-damaged");

        Cache("verify", "--remove-damaged", "--json").ShouldExitWith(0).Json.GetProperty("removed")[0].GetString().ShouldBe(file);

        File.Exists(file).ShouldBeFalse();
        Cache("verify").ShouldExitWith(0).Output.ShouldContain("all sound");
        plan.Shard("data/b.jsonl", """{"prompt":"new","completion":"newer"}""");
        plan.Build().Error.ShouldNotContain("warning");
    }

    [Fact]
    public void Without_a_project_all_that_the_cache_knows_are_scored_again()
    {
        File.WriteAllText(plan.PathOf("sample.csproj"), "<Project />");
        plan.Build();
        var sound = Cache("verify", "--sample", "12", "--seed", "5").ShouldExitWith(0).Output;
        sound.ShouldMatch(@"(?m)^Length of Record, counter bytes +20 +12 +12 +0$");
        sound.ShouldContain("scored 12 again, of 1 project; --seed 5 takes the same ones");

        var key = ForgedSegment.Forge(Directory.GetFiles(plan.CachePath, "*.seg", SearchOption.AllDirectories).Single(), 3, 4711);
        Cache("verify").ShouldExitWith(0).Output.ShouldContain("all sound");
        var found = Cache("verify", "--sample", "20");
        found.ShouldExitWith(1).Error.ShouldContain($"of the record {key}, 4711 is stored");
        found.Error.ShouldContain("`dotnet dataset build sample.csproj --rescore TokenLength`");
        var different = Cache("verify", "--sample", "20", "--json").ShouldExitWith(1).Json.GetProperty("sample").GetProperty("scorers")[0].GetProperty("different");
        (different.GetArrayLength(), different[0].GetProperty("key").GetString(), different[0].GetProperty("stored").GetString()).ShouldBe((1, key, "4711"));

        Directory.Delete(plan.PathOf("obj"), recursive: true);
        var cleaned = Cache("verify", "--sample", "20").ShouldExitWith(0).Output;
        cleaned.ShouldContain("20 scores cannot be scored again");
        cleaned.ShouldContain("1 known project cannot be looked at");
    }

    [Fact]
    public void What_builds_found_and_scored_is_told()
    {
        File.WriteAllText(plan.PathOf("sample.csproj"), "<Project />");
        plan.Build();
        plan.Shard("data/b.jsonl", """{"prompt":"new","completion":"newer"}""");
        plan.Build();

        Cache("info").ShouldExitWith(0).Output.ShouldMatch(@"(?m)^Length of Record, counter bytes \(used by sample\) +21 +[\d.]+ k?B +20 +21  48\.8 % ");
        var scorer = Cache("info", "--json").Json.GetProperty("scores")[0];
        (scorer.GetProperty("builds").GetInt32(), scorer.GetProperty("found").GetInt32(), scorer.GetProperty("scored").GetInt32()).ShouldBe((2, 20, 21));
        scorer.GetProperty("projects")[0].GetString().ShouldBe(plan.PathOf("sample.csproj"));

        File.Delete(plan.PathOf("sample.csproj"));
        Cache("info").Output.ShouldContain("(used by no known project)");
        var lines = DatasetTool.RunInTerminal(80, ["cache", "info", "--cache", plan.CachePath], ("NO_COLOR", "1")).Output.Split('\n');
        lines.Skip(1).Max(line => line.TrimEnd('\r').Length).ShouldBeLessThanOrEqualTo(80);
    }

    [Fact]
    public async Task A_build_at_work_in_another_process_loses_nothing_to_a_cleaning()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        plan.Build();
        plan.Shard("data/large.jsonl", Enumerable.Range(0, 300_000).Select(i => $$"""{"prompt":"p{{i}}","completion":"c{{i}} and more"}"""));
        using var build = DatasetTool.Launch("build", plan.File);
        var live = plan.PathOf("cache/live");
        do
        {
            // Not yet at work: it is looked at only while it stands still, for a look takes the lock for a moment too.
            Signal("CONT", build);
            build.HasExited.ShouldBeFalse();
            await Task.Delay(2, TestContext.Current.CancellationToken);
            Signal("STOP", build);
        }
        while (!Directory.Exists(live) || !Directory.GetFiles(live).Any(IsHeld));

        // As it is after many hours: long ago it began, and since then has used what there is.
        Age();
        File.SetLastWriteTimeUtc(Directory.GetFiles(live).Single(), DateTime.UtcNow.AddDays(-61));
        Cache("gc", "--max-size", "0", "--json").ShouldExitWith(0).Json.GetProperty("removed").GetArrayLength().ShouldBe(0);

        Signal("KILL", build);
        DatasetTool.Finish(build);
        Age();
        Cache("gc", "--max-size", "0", "--json").ShouldExitWith(0).Json.GetProperty("removed").GetArrayLength().ShouldBeGreaterThan(0);
        Directory.GetFiles(live).ShouldBeEmpty();
    }

    [Fact]
    public void The_path_is_a_line_of_its_own() => Cache("path").ShouldExitWith(0).Lines.ShouldBe([Path.GetFullPath(plan.CachePath)]);

    [Fact]
    public void The_cache_of_the_environment_is_the_one_that_builds_take()
    {
        var folder = Path.GetTempPath();
        DatasetTool.RunIn(folder, ["cache", "path"], ("DatasetCachePath", plan.CachePath)).ShouldExitWith(0).Lines.ShouldBe([Path.GetFullPath(plan.CachePath)]);
        DatasetTool.RunIn(folder, ["cache", "path"], ("DatasetCachePath", "cache")).ShouldExitWith(2).Error.ShouldContain("another folder for each project");
    }

    private ToolOutput Cache(params string[] arguments) => DatasetTool.Run(["cache", .. arguments, "--cache", plan.CachePath]);

    private static bool IsHeld(string path)
    {
        try
        {
            using var file = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static void Signal(string name, Process receiver)
    {
        using var kill = Process.Start("kill", ["-" + name, receiver.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Age()
    {
        foreach (var path in Directory.GetFiles(plan.CachePath, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-60));
        }
    }
}
