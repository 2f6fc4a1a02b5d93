using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>A build that was stopped anywhere leaves nothing behind but scores, and those count.</summary>
public sealed class InterruptionTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void After_a_stop_anywhere_the_next_build_equals_a_clean_one(int seed)
    {
        using var folder = new ScratchFolder();
        var clean = Project(folder.At("clean"));
        var calls = 0;
        clean.Build(_ => calls++);
        calls.ShouldBeGreaterThan(8);

        var stopped = Project(folder.At("stopped"));
        var random = new Random(seed);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var stop = new CancellationTokenSource();
            var left = random.Next(1, calls);
            try
            {
                stopped.Build(
                    _ =>
                    {
                        if (--left == 0)
                        {
                            stop.Cancel();
                        }
                    },
                    stop.Token);

                // A build that finds most of its work done has less to report: this one was not stopped.
                left.ShouldBeGreaterThan(0);
            }
            catch (OperationCanceledException)
            {
                left.ShouldBeLessThanOrEqualTo(0);
            }
        }

        stopped.Build();

        WarmEqualsCleanTests.Differences(stopped.Snapshot(), clean.Snapshot()).ShouldBeEmpty($"seed {seed}");
    }

    [Fact]
    public void A_first_build_that_was_stopped_leaves_no_subset()
    {
        using var folder = new ScratchFolder();
        var project = Project(folder.At("clone"));
        using var stop = new CancellationTokenSource();

        Should.Throw<OperationCanceledException>(() => project.Build(
            step =>
            {
                if (step == "Write")
                {
                    stop.Cancel();
                }
            },
            stop.Token));

        Directory.Exists(Path.Combine(project.OutputPath, "train")).ShouldBeFalse();
        File.Exists(Path.Combine(project.OutputPath, ".datasetbuild", "manifest.json")).ShouldBeFalse();
    }

    [Fact]
    public void Scores_that_were_committed_before_the_stop_are_not_made_again()
    {
        using var folder = new ScratchFolder();
        var project = Project(folder.At("clone"));
        using var stop = new CancellationTokenSource();
        var batches = 0;

        Should.Throw<OperationCanceledException>(() => project.Build(
            step =>
            {
                if (step == "Length" && ++batches == 3)
                {
                    stop.Cancel();
                }
            },
            stop.Token));

        // Every report of progress comes after its batch of 512 was appended.
        var build = project.Build();
        build["Content"].Scored.ShouldBe(0);
        build["Length"].Cached.ShouldBeGreaterThanOrEqualTo(3 * 512);
        build["Length"].Scored.ShouldBe(4000 - build["Length"].Cached);
    }

    [Fact]
    public void A_stopped_build_leaves_the_subset_of_the_last_one()
    {
        using var folder = new ScratchFolder();
        var project = Project(folder.At("clone"));
        project.Build();
        var before = project.Snapshot();
        project.Stages[1].Metadata["Keep"] = "10%";
        foreach (var step in (string[])["Content", "Length", "Write"])
        {
            using var stop = new CancellationTokenSource();
            try
            {
                project.Build(
                    name =>
                    {
                        if (name == step)
                        {
                            stop.Cancel();
                        }
                    },
                    stop.Token);
                throw new Xunit.Sdk.XunitException($"not stopped at {step}");
            }
            catch (OperationCanceledException)
            {
                project.Snapshot().ShouldBe(before, step);
            }
        }
    }

    [Theory]
    [InlineData("obj/dataset/", false)]
    [InlineData("bin/dataset.report/", false)]
    [InlineData("cache/", false)]
    [InlineData("cache/tmp/", false)]
    [InlineData("cache/", true)]
    public void What_a_killed_build_left_goes_whether_or_not_there_is_work(string place, bool hasWork)
    {
        using var folder = new ScratchFolder();
        var project = Project(folder.At("clone"));
        while (Directory.GetFiles(folder.At("clone/data")).Any(shard => FileStamp.TryOf(shard, out var stamp) && stamp.IsRacy(FileStamp.NowNs())))
        {
            Thread.Sleep(20); // what is too new would be read again
        }

        project.Build();
        const int Nobody = int.MaxValue; // no process has this number
        var ours = project.Write($"{place}file.{Nobody}-0123456789ab.tmp", "half");
        var alive = project.Write($"{place}file.{Environment.ProcessId}-0123456789ab.tmp", "half");
        var foreign = project.Write($"{place}notes.tmp", "somebody's");
        if (hasWork)
        {
            project.Shard("data/c.jsonl", IncrementalTests.Record(5000));
            project.Build();
        }
        else
        {
            project.UpToDate().ShouldNotBeNull();
        }

        File.Exists(ours).ShouldBeFalse();
        File.Exists(alive).ShouldBeTrue();
        File.Exists(foreign).ShouldBeTrue();
    }

    private static TestProject Project(string root)
    {
        var project = new TestProject(root) { Properties = { ["DatasetThreads"] = "1" } };
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 2500).Select(i => IncrementalTests.Record(i))]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(2000, 2000).Select(i => IncrementalTests.Record(i))]);
        project.Stage("Content", ("Kind", "ExactDedup"), ("Normalize", "Trim"));
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Keep", "50%"));
        return project;
    }
}
