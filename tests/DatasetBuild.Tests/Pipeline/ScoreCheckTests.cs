using DatasetBuild.Caching;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Scoring a sample again finds what no checksum can: a wrong value that was written well.</summary>
public sealed class ScoreCheckTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public ScoreCheckTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(IncrementalTests.Record)]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(20, 20).Select(IncrementalTests.Record)]);
        project.Stage("Copies", ("Kind", "ExactDedup"), ("Normalize", "Lower")).Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Min", "1"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sound_store_is_found_sound_and_stays_as_it_is()
    {
        project.Build();
        var before = FileStamps.Of(folder.Root);

        var checks = Check(10_000);

        checks.Select(check => (check.Stored, check.Reachable, check.Sampled, check.Equal)).ShouldBe([(40, 40, 40, 40), (40, 40, 40, 40)]);
        FileStamps.Of(folder.Root).ShouldBe(before);
    }

    [Fact]
    public void A_wrong_value_under_a_right_checksum_is_found_and_told()
    {
        project.Build();
        var key = Plan.Load(project.PlanPath) is var plan ? Analysis.Run(plan, new Build(null), CancellationToken.None).Pool.Keys[7] : default;
        PlantedScores.Plant(project.CachePath, PlantedScores.Bytes(), key, 4711);
        CacheCheck.Run(project.CachePath, null, CancellationToken.None).Damaged.ShouldBeEmpty();

        var difference = Check(1000).SelectMany(check => check.Differences).ShouldHaveSingleItem();

        (difference.Key, difference.Stage, difference.Line, Path.GetFileName(difference.Shard)).ShouldBe((key, "Length", 8, "a.jsonl"));
        difference.Stored.ShouldBe("4711");
        difference.Again.ShouldNotBe("4711");
    }

    [Fact]
    public void A_wrong_copy_beside_a_shard_is_found_too()
    {
        project.Build();
        var session = new BuildSession(Plan.Load(project.PlanPath), new Build(null), CancellationToken.None);
        var shard = Analysis.Index(session).Pool.Shards[0];
        var generation = session.Store.GenerationOf(PlantedScores.Bytes()).ShouldNotBeNull();
        using (var column = ScoreColumn.TryLoad(session.Derived, PlantedScores.Bytes(), generation, sizeof(double), shard.IndexHash, shard.Count).ShouldNotBeNull())
        {
            column.Set(4, 1, BitConverter.GetBytes(0.5));
            column.Save(session.Derived, PlantedScores.Bytes(), generation, shard.IndexHash);
        }

        var difference = Check(1000).SelectMany(check => check.Differences).ShouldHaveSingleItem();
        (difference.Line, difference.Stored).ShouldBe((5, "0.5, in the copy beside its shard,"));
    }

    [Fact]
    public void The_sample_is_spread_over_all_scorers_and_follows_from_the_seed()
    {
        project.Build();
        Check(10).Select(check => check.Sampled).ShouldBe([5, 5]);
        Check(1).Sum(check => check.Sampled).ShouldBe(1);

        // All values but one are wrong: which are named tells which were taken.
        foreach (var key in Analysis.Run(Plan.Load(project.PlanPath), new Build(null), CancellationToken.None).Pool.Keys.Distinct())
        {
            PlantedScores.Plant(project.CachePath, PlantedScores.Bytes(), key, -1);
        }

        var taken = Enumerable.Range(0, 3).Select(seed => string.Join(' ', Named(seed))).ToList();
        taken.Distinct().Count().ShouldBe(3);
        Enumerable.Range(0, 3).Select(seed => string.Join(' ', Named(seed))).ShouldBe(taken);

        IEnumerable<string> Named(long seed) => Check(10, seed).SelectMany(check => check.Differences).Select(difference => difference.Key.ToString());
    }

    [Fact]
    public void Scores_of_records_that_are_gone_and_of_scorers_nobody_has_are_counted()
    {
        project.Build();
        project.Shard("data/b.jsonl", [.. Enumerable.Range(20, 5).Select(IncrementalTests.Record)]);
        project.Stages.RemoveAt(0);
        project.Build();

        var checks = Check(1000);

        var length = checks.Single(check => check.Folder == PlantedScores.Bytes().Folder);
        (length.Stored, length.Reachable, length.Sampled).ShouldBe((40, 30, 30));
        var copies = checks.Single(check => check.Folder != length.Folder);
        (copies.Stored, copies.Reachable, copies.Sampled).ShouldBe((40, 0, 0));
    }

    [Fact]
    public void A_project_that_cannot_be_read_is_left_out_where_others_are_looked_at()
    {
        project.Build();
        File.Delete(Path.Combine(project.Root, "data/b.jsonl"));
        var skipped = new List<string>();
        ScoreCheck.Run(project.CachePath, [Plan.Load(project.PlanPath)], 10, 0, (_, why) => skipped.Add(why), new Build(null), CancellationToken.None).Sum(check => check.Sampled).ShouldBe(0);
        skipped.ShouldHaveSingleItem().ShouldContain("DSB1013");
        Should.Throw<DatasetException>(() => Check(10));
    }

    private IReadOnlyList<ScorerCheck> Check(int sample, long seed = 1) =>
        ScoreCheck.Run(project.CachePath, [Plan.Load(project.PlanPath)], sample, seed, null, new Build(null), CancellationToken.None);
}
