using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>A build is proved by one from nothing, which leaves nothing behind.</summary>
public sealed class CleanBuildTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public CleanBuildTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(IncrementalTests.Record)]);
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Min", "1"));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void After_any_changes_a_warm_build_is_proved(int seed)
    {
        var random = new RandomProject(seed);
        var any = new TestProject(folder.At("any"));
        for (var step = 0; step < 5; step++)
        {
            random.Apply(any);
            if (any.TryBuild().Error is null)
            {
                var built = any.Build();
                var comparison = Compare(any, built);
                comparison.First.ShouldBeNull($"seed {seed}: {string.Join("; ", random.History)}");
                comparison.Files.ShouldBe(built.Result.Outputs.Count + built.Result.Reports.Count);
            }

            random.Step();
        }
    }

    [Fact]
    public void A_wrong_score_that_changes_the_subset_is_found_with_its_record()
    {
        project.Build();
        var key = Analysis.Run(Plan.Load(project.PlanPath), new Build(null), CancellationToken.None).Pool.Keys[7];
        PlantedScores.Plant(project.CachePath, PlantedScores.Bytes(), key, 0);
        Directory.Delete(Path.Combine(project.Root, "bin"), recursive: true);
        var wrong = project.Build();
        wrong.Result.Kept.ShouldBe(29);
        var files = FileStamps.Of(project.Root);

        var comparison = Compare(project, wrong);

        var first = comparison.First.ShouldNotBeNull();
        Path.GetFileName(first.Path).ShouldStartWith("train-");
        (first.CleanKey, first.Line).ShouldBe((key, 8));
        first.Key.ShouldNotBeNull().ShouldNotBe(key);
        comparison.Different.ShouldBeGreaterThan(1, "manifest, card and report count as well");
        comparison.Scored.ShouldBe(30);
        FileStamps.Of(project.Root).Keys.ShouldBe(files.Keys, ignoreOrder: true);
    }

    [Fact]
    public void A_file_too_many_and_one_too_few_are_differences()
    {
        var built = project.Build();
        File.Delete(built.Result.Reports[0]);
        Compare(project, built).First.ShouldNotBeNull().Problem.ShouldContain("the build lacks this file");
        var extra = project.Write("bin/dataset/extra.txt", "x");
        project.Build();
        CleanBuild.Compare(Plan.Load(project.PlanPath), [extra], [], new Build(null), CancellationToken.None).First.ShouldNotBeNull().Path.ShouldBe(extra);
    }

    [Fact]
    public void Nothing_is_left_of_a_clean_build_that_is_stopped_or_fails_or_was_killed()
    {
        var built = project.Build();
        var files = FileStamps.Of(project.Root);
        using var stop = new CancellationTokenSource();
        Should.Throw<OperationCanceledException>(() => CleanBuild.Compare(Plan.Load(project.PlanPath), built.Result.Outputs, built.Result.Reports, new Build(step => stop.Cancel()), stop.Token));
        FileStamps.Of(project.Root).Keys.ShouldBe(files.Keys, ignoreOrder: true);

        File.AppendAllText(Path.Combine(project.Root, "data/a.jsonl"), "{oops\n");
        Should.Throw<BuildFailedException>(() => Compare(project, built));
        FileStamps.Of(project.Root).Keys.ShouldBe(files.Keys, ignoreOrder: true);

        // The numbers of processes end far below.
        var killed = Path.Combine(project.StatePath, "clean.2147483647-0123456789ab.tmp");
        Directory.CreateDirectory(Path.Combine(killed, "out"));
        project.Shard("data/a.jsonl", IncrementalTests.Record(1));
        project.Build();
        Directory.Exists(killed).ShouldBeFalse();
    }

    private static CleanComparison Compare(TestProject project, Build built) =>
        CleanBuild.Compare(Plan.Load(project.PlanPath), built.Result.Outputs, built.Result.Reports, new Build(null), CancellationToken.None);
}
