using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>What a build would do is what it then does, and asking leaves no trace.</summary>
public sealed class ForecastTests
{
    private const int Steps = 6;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void After_any_changes_the_next_build_does_what_was_said(int seed)
    {
        using var folder = new ScratchFolder();
        var random = new RandomProject(seed);
        var project = new TestProject(folder.At("clone"));
        for (var step = 0; step <= Steps; step++)
        {
            random.Apply(project);
            Directory.CreateDirectory(project.StatePath);
            File.WriteAllText(project.PlanPath, project.PlanJson());
            var history = $"seed {seed}: {string.Join("; ", random.History)}";
            var rescore = step % 3 == 2 ? project.Stages.Where(stage => StoresScores(stage.Metadata)).Select(stage => stage.Name).Take(1).ToList() : [];

            var before = FileStamps.Of(folder.Root);
            var (forecast, error) = Try(observer => Forecast.Of(Plan.Load(project.PlanPath), rescore, observer, CancellationToken.None));
            FileStamps.Of(folder.Root).ShouldBe(before, history);

            var (build, buildError) = Try(observer =>
            {
                DatasetBuilder.Build(Plan.Load(project.PlanPath), observer, CancellationToken.None, rescore);
                return (Build)observer;
            });
            if (forecast is not null && build is not null)
            {
                Compare(forecast, build, history);
            }
            else if (forecast is null)
            {
                error.ShouldBe(buildError, history);
            }

            random.Step();
        }
    }

    [Fact]
    public void Where_all_is_known_the_figures_are_exact_and_tell_from_where_the_values_come()
    {
        using var folder = new ScratchFolder();
        var project = Project(folder);
        project.Build();
        project.Shard("data/b.jsonl", [.. Enumerable.Range(20, 10).Select(IncrementalTests.Record)]);
        project.Build();
        project.Shard("data/c.jsonl", [.. Enumerable.Range(25, 10).Select(IncrementalTests.Record)]);

        var length = Of(project).Stages[1];

        // Two scorers ask nothing of each other; five of c's records stand in b too.
        (length.Entered, length.ToScore, length.FromShards, length.FromStore, length.IsExact).ShouldBe((35, 5, 30, 0, true));
        length.Seconds.ShouldNotBeNull("a rate was measured").ShouldBeGreaterThan(0);
        Of(project).Parsed.ShouldBe(10);
    }

    [Fact]
    public void Without_a_build_on_record_there_is_no_rate()
    {
        using var folder = new ScratchFolder();
        var forecast = Of(Project(folder));
        forecast.Stages[1].ToScore.ShouldBe(20);
        forecast.Stages[1].Seconds.ShouldBeNull();
    }

    [Fact]
    public void Behind_a_stage_with_scores_to_come_what_cannot_enter_any_more_does_not_count()
    {
        using var folder = new ScratchFolder();
        var project = new TestProject(folder.At("clone")).Stage("Long", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Min", "1000"))
            .Stage("Words", ("Kind", "TokenLength"), ("Counter", "Words"), ("Min", "1"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 20).Select(IncrementalTests.Record)]);
        project.Build()["Words"].Scored.ShouldBe(0);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(20, 3).Select(IncrementalTests.Record)]);

        var words = Of(project).Stages[1];

        (words.ToScore, words.IsExact).ShouldBe((3, false), "the twenty that are known to be short will not enter");
    }

    [Fact]
    public void What_one_stage_would_score_another_one_finds()
    {
        using var folder = new ScratchFolder();
        var project = Project(folder).Stage("Again", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Min", "1"));
        Of(project).Stages.Select(stage => stage.ToScore).ShouldBe([0, 20, 0]);
        project.Build().Stages.Select(stage => stage.Scored).ShouldBe([0, 20, 0]);
    }

    [Fact]
    public void Scores_of_a_killed_build_count_as_there()
    {
        using var folder = new ScratchFolder();
        var project = Project(folder);
        using var stop = new CancellationTokenSource();
        Should.Throw<OperationCanceledException>(() => project.Build(step =>
        {
            if (step == "Length")
            {
                stop.Cancel();
            }
        }, stop.Token));

        Of(project).Stages[1].ToScore.ShouldBe(0);
    }

    private static TestProject Project(ScratchFolder folder)
    {
        var project = new TestProject(folder.At("clone")).Stage("Copies", ("Kind", "ExactDedup")).Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Keep", "50%"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 20).Select(IncrementalTests.Record)]);
        return project;
    }

    private static Forecast Of(TestProject project)
    {
        Directory.CreateDirectory(project.StatePath);
        File.WriteAllText(project.PlanPath, project.PlanJson());
        return Forecast.Of(Plan.Load(project.PlanPath), [], new Build(null), CancellationToken.None);
    }

    private static void Compare(Forecast forecast, Build build, string history)
    {
        forecast.Records.ShouldBe(build.Result?.Records ?? forecast.Records, history);
        foreach (var (stage, done) in forecast.Stages.Zip(build.Stages))
        {
            stage.Name.ShouldBe(done.Name);
            if (stage.IsExact)
            {
                (stage.Entered, stage.ToScore, stage.Found).ShouldBe((done.Entered, done.Scored, done.Cached), $"{stage.Name}, {history}");
            }
            else
            {
                stage.Entered.ShouldBeGreaterThanOrEqualTo(done.Entered, $"{stage.Name}, {history}");
                stage.ToScore.ShouldBeGreaterThanOrEqualTo(done.Scored, $"{stage.Name}, {history}");
            }
        }
    }

    private static bool StoresScores(Dictionary<string, string> metadata) => metadata["Kind"] == "TokenLength" || metadata.ContainsKey("Normalize");

    private static (T? Result, string? Error) Try<T>(Func<IBuildObserver, T> work)
        where T : class
    {
        var build = new Build(null);
        try
        {
            return (work(build), null);
        }
        catch (DatasetException error)
        {
            return (null, error.Diagnostic.ToString());
        }
        catch (BuildFailedException)
        {
            return (null, string.Join('\n', build.Diagnostics));
        }
    }
}
