using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Files that change while a build runs, and builds that run at the same time.</summary>
public sealed class ChangeDuringBuildTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Content")]
    [InlineData("Length")]
    [InlineData("Write")]
    public void A_shard_that_changes_meanwhile_stops_the_build_and_the_next_one_is_right(string step)
    {
        var project = Project("clone");
        var changed = false;

        var error = Should.Throw<DatasetException>(() => project.Build(name =>
        {
            if (name == step && !changed)
            {
                changed = true;

                // Of the same size, and valid: only its stamp tells.
                var path = Path.Combine(project.Root, "data", "b.jsonl");
                File.WriteAllText(path, File.ReadAllText(path).Replace("Question", "question", StringComparison.Ordinal));
            }
        })).Diagnostic;

        error.Code.ShouldBe(DataCodes.ShardChanged);
        error.File!.ShouldEndWith("b.jsonl");
        project.Build();
        project.Lines().Count(line => line.Contains("question number", StringComparison.Ordinal)).ShouldBeGreaterThan(0);

        var clean = Project("clean");
        clean.Write("data/b.jsonl", File.ReadAllBytes(Path.Combine(project.Root, "data", "b.jsonl")));
        clean.Build();
        WarmEqualsCleanTests.Differences(project.Snapshot(), clean.Snapshot()).ShouldBeEmpty();
    }

    [Fact]
    public void A_score_file_that_changes_meanwhile_stops_the_build()
    {
        var project = Project("clone");
        project.Write("scores.csv", "id,score\n1,1\n");
        project.Stage("ScoreFile", ("File", "scores.csv"), ("IdField", "id"), ("Min", "0"));

        var error = Should.Throw<DatasetException>(() => project.Build(step =>
        {
            if (step == "Length")
            {
                project.Write("scores.csv", "id,score\n2,1\n");
            }
        })).Diagnostic;

        (error.Code, error.File).ShouldBe((DataCodes.ShardChanged, Path.Combine(project.Root, "scores.csv")));
        project.Build();
    }

    [Fact]
    public void A_shard_that_was_too_new_when_it_was_read_is_not_up_to_date_however_long_the_build_took()
    {
        var project = Project("clone");
        var path = Path.Combine(project.Root, "data", "a.jsonl");

        // A time of whole seconds is taken for that of a file system which counts no finer: it is too new for two seconds.
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        project.Build(step =>
        {
            while (step == "Write" && FileStamp.TryOf(path, out var stamp) && stamp.IsRacy(FileStamp.NowNs()))
            {
                Thread.Sleep(50);
            }
        });

        project.UpToDate().ShouldBeNull();
        project.Build();
        project.UpToDate().ShouldNotBeNull();
    }

    [Fact]
    public void Builds_that_share_a_cache_at_the_same_time_give_what_each_gives_alone()
    {
        var expected = Project("expected");
        expected.Build();
        var together = Enumerable.Range(0, 4).Select(i => Project($"together{i}")).ToList();
        together.ForEach(project => project.CachePath = folder.At("shared cache"));

        Parallel.ForEach(together, project => project.Build().Diagnostics.ShouldBeEmpty());

        together.ShouldAllBe(project => WarmEqualsCleanTests.Differences(project.Snapshot(), expected.Snapshot()).Count == 0);
        together[0].Build().Scored.ShouldBe(0);
    }

    private TestProject Project(string name)
    {
        var project = new TestProject(folder.At(name));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 900).Select(i => IncrementalTests.Record(i))]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(600, 900).Select(i => IncrementalTests.Record(i))]);
        project.Stage("Content", ("Kind", "ExactDedup"), ("Normalize", "Trim"));
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Keep", "50%"));
        return project;
    }
}
