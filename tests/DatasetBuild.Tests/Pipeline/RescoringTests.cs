using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary><c>--rescore STAGE</c>: each record once, the same bytes, and nothing that was dropped comes back.</summary>
public sealed class RescoringTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public RescoringTests()
    {
        project = new TestProject(folder.At("clone"), folder.At("cache"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(IncrementalTests.Record)]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(20, 20).Select(IncrementalTests.Record)]);
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Keep", "40%")).Stage("Words", ("Kind", "TokenLength"), ("Counter", "Words"), ("Min", "1"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_record_is_scored_once_more_and_the_result_is_the_same()
    {
        project.Build();
        var before = project.Snapshot();

        var again = Rescore("length");

        (again["Length"].Scored, again["Length"].Cached).ShouldBe((40, 0));
        again["Words"].Scored.ShouldBe(0);
        project.Snapshot().ShouldBe(before);
        project.Build().Scored.ShouldBe(0);
    }

    [Fact]
    public void The_next_build_has_nothing_to_do()
    {
        project.Build();
        foreach (var shard in project.Shards)
        {
            File.SetLastWriteTimeUtc(Path.Combine(project.Root, shard.Name), DateTime.UtcNow.AddHours(-1));
        }

        project.Build();
        Thread.Sleep(50);
        Rescore("Length");
        project.UpToDate().ShouldNotBeNull();
    }

    [Fact]
    public void What_other_projects_scored_stays()
    {
        var other = new TestProject(folder.At("other"), folder.At("cache"));
        other.Shard("data/a.jsonl", [.. Enumerable.Range(35, 30).Select(IncrementalTests.Record)]);
        other.Stages.AddRange(project.Stages);
        project.Build();
        other.Build();

        Rescore("Length");

        Directory.Delete(Path.Combine(other.Root, "obj"), recursive: true);
        other.Build().Scored.ShouldBe(0);
    }

    [Fact]
    public void A_wrong_score_is_gone_whatever_its_shard_was_and_becomes()
    {
        // A value that keeps a record out of the subset, copied into the columns of two states of its shard.
        var key = KeyOf(IncrementalTests.Record(3));
        PlantedScores.Plant(project.CachePath, PlantedScores.Bytes(), key, -1);
        project.Build();
        var wrong = project.Snapshot();
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 29).Select(IncrementalTests.Record)]);
        project.Build()["Length"].Scored.ShouldBe(0);

        Rescore("Length");

        PlantedScores.Read(project.CachePath, PlantedScores.Bytes(), key).ShouldNotBe(-1);
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(IncrementalTests.Record)]);
        project.Build();
        var clean = new TestProject(folder.At("clean")) { Shards = project.Shards, Stages = project.Stages };
        foreach (var (name, _) in project.Shards)
        {
            clean.Write(name, File.ReadAllBytes(Path.Combine(project.Root, name)));
        }

        clean.Build();
        WarmEqualsCleanTests.Differences(project.Snapshot(), clean.Snapshot()).ShouldBeEmpty();
        WarmEqualsCleanTests.Differences(wrong, clean.Snapshot()).ShouldNotBeEmpty("the wrong score had an effect");
    }

    [Fact]
    public void What_a_killed_build_dropped_and_did_not_score_again_is_scored_by_the_next_one()
    {
        project.Build();
        var keys = Enumerable.Range(0, 10).Select(i => KeyOf(IncrementalTests.Record(i))).Order().ToArray();
        using (var table = new ScoreStore(project.CachePath, _ => { }).Open(PlantedScores.Bytes(), sizeof(double)))
        {
            table.Forget(keys);
        }

        Directory.Delete(Path.Combine(project.Root, "bin"), recursive: true);
        project.Build()["Length"].Scored.ShouldBe(10, "no copy of a value outlives it");
        project.Build().Scored.ShouldBe(0);
    }

    [Fact]
    public void After_a_build_that_was_stopped_the_next_one_has_something_to_do()
    {
        project.Build();
        Thread.Sleep(50);
        project.Build();
        project.UpToDate().ShouldNotBeNull();
        var before = project.Snapshot();
        using var stop = new CancellationTokenSource();
        var stopped = new Build(stage =>
        {
            if (stage == "Length")
            {
                stop.Cancel();
            }
        });

        Should.Throw<OperationCanceledException>(() => DatasetBuilder.Build(Plan.Load(project.PlanPath), stopped, stop.Token, ["Words"]));

        project.UpToDate().ShouldBeNull();
        project.Build()["Words"].Scored.ShouldBe(16);
        project.Snapshot().ShouldBe(before);
    }

    [Theory]
    [InlineData("Lenght", "Did you mean Length?")]
    [InlineData("Nothing", "It has Length, Words.")]
    [InlineData("pool/Lenght", "Did you mean Length?")]
    public void A_stage_that_is_not_there_is_a_mistake(string name, string words)
    {
        project.Build();
        var error = Should.Throw<DatasetException>(() => Rescore(name)).Diagnostic;
        (error.Code, error.File).ShouldBe((ProjectCodes.UnknownStage, project.ProjectFile));
        error.Message.ShouldContain(words);
    }

    [Fact]
    public void A_stage_that_stores_nothing_is_a_mistake_and_drops_nothing()
    {
        project.Stage("Drawn", ("Kind", "Random"), ("Keep", "5"));
        project.Build();
        Should.Throw<DatasetException>(() => Rescore("Length", "Drawn")).Diagnostic.Message.ShouldContain("stores no scores");
        project.Build().Scored.ShouldBe(0);
    }

    [Fact]
    public void A_stage_of_another_project_is_none_of_this_ones()
    {
        project.Build();
        Rescore("other/Length").Scored.ShouldBe(0);
        Rescore("POOL/Length").Scored.ShouldBe(40);
    }

    private static RecordKey KeyOf(string record)
    {
        using var parser = new ConversationParser(new ShapeOptions());
        var json = System.Text.Encoding.UTF8.GetBytes(record);
        parser.Parse(json);
        return RecordKey.Of(parser.Canonical(json));
    }

    private Build Rescore(params string[] stages)
    {
        File.WriteAllText(project.PlanPath, project.PlanJson());
        var build = new Build(null);
        build.Result = DatasetBuilder.Build(Plan.Load(project.PlanPath), build, CancellationToken.None, stages);
        return build;
    }
}
