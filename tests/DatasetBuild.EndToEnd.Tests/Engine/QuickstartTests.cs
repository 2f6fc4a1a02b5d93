using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

public sealed class QuickstartTests
{
    [Fact]
    public void Every_stage_of_the_quickstart_drops_something()
    {
        var example = Path.Combine(Built.Repository, "examples", "quickstart");
        using var project = new SampleProject(name: "quickstart");
        project.Write("quickstart.csproj", File.ReadAllText(Path.Combine(example, "quickstart.csproj")));
        foreach (var shard in Directory.EnumerateFiles(Path.Combine(example, "data")))
        {
            project.Write("data/" + Path.GetFileName(shard), File.ReadAllText(shard));
        }

        var build = project.Build().ShouldSucceed();
        build.Of("Duplicates", "entered").ShouldBe(228);
        foreach (var stage in (string[])["Duplicates", "Languages", "TooShortOrLong", "BestRated"])
        {
            build.Of(stage, "dropped").ShouldBeGreaterThan(0, stage);
        }

        build.Of("Languages", "missing").ShouldBeGreaterThan(0);
        project.Records().Length.ShouldBe(build.Of("BestRated", "kept"));
    }
}
