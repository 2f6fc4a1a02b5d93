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
    [InlineData("0 or more", "gc", "--keep-days", "-1")]
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
    public void The_path_is_a_line_of_its_own() => Cache("path").ShouldExitWith(0).Lines.ShouldBe([Path.GetFullPath(plan.CachePath)]);

    private ToolOutput Cache(params string[] arguments) => DatasetTool.Run(["cache", .. arguments, "--cache", plan.CachePath]);

    private void Age()
    {
        foreach (var path in Directory.GetFiles(plan.CachePath, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-60));
        }
    }
}
