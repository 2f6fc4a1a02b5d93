namespace DatasetBuild.EndToEnd.Tests.Engine;

public sealed class CleaningTests
{
    [Fact]
    public void Clean_takes_the_subset_and_leaves_the_scores()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        var before = project.OutputBytes();

        project.Clean().ExitCode.ShouldBe(0);
        Directory.Exists(project.OutputPath).ShouldBeFalse();
        Directory.Exists(project.PathOf("bin/Debug/net10.0/dataset.report")).ShouldBeFalse();
        Directory.Exists(project.StatePath).ShouldBeFalse();

        project.Build().ShouldSucceed().Of("Short", "scored").ShouldBe(0);
        project.OutputBytes().ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public void A_rebuild_links_again_and_scores_nothing()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        var before = project.OutputBytes();
        project.Build("--no-incremental").ShouldSucceed().Of("Short", "scored").ShouldBe(0);
        project.OutputBytes().ShouldBe(before, ignoreOrder: true);
    }
}
