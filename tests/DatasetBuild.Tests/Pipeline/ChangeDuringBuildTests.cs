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
    public void Bytes_that_were_not_indexed_are_not_scored()
    {
        // More than one read takes in, so that the record is fetched after the edit, and in a batch that others follow.
        string[] lines = [.. Enumerable.Range(0, 3000).Select(i => $$"""{"prompt":"{{i}}{{new string('x', 1000)}}","completion":"{{new string('y', 1 + (i % 60))}}"}""")];
        var project = new TestProject(folder.At("clone"));
        var path = project.Shard("data/a.jsonl", lines);
        project.Properties["DatasetThreads"] = "1";
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Bytes"), ("Part", "Response"), ("Keep", "50%"));
        var before = File.ReadAllBytes(path);
        var edited = lines.ToArray();
        edited[2000] = edited[2000].Replace("xx\"", "\"", StringComparison.Ordinal).Replace("\"yy", "\"yyyy", StringComparison.Ordinal);
        var changed = false;

        var error = Should.Throw<DatasetException>(() => project.Build(step =>
        {
            if (step == "Length" && !changed)
            {
                changed = true;
                project.Shard("data/a.jsonl", edited);
                new FileInfo(path).Length.ShouldBe(before.Length);
            }
        })).Diagnostic;

        (error.Code, error.File).ShouldBe((DataCodes.ShardChanged, path));
        project.Shard("data/a.jsonl", before);
        var again = project.Build();
        again["Length"].Cached.ShouldBeGreaterThan(0);
        again["Length"].Scored.ShouldBeGreaterThan(0);

        var clean = new TestProject(folder.At("clean"));
        clean.Shard("data/a.jsonl", before);
        clean.Stages.AddRange(project.Stages);
        clean.Build();
        WarmEqualsCleanTests.Differences(project.Snapshot(), clean.Snapshot()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Index", "link")]
    [InlineData("Index", "mode")]
    [InlineData("Index", "rename")]
    [InlineData("Content", "link")]
    [InlineData("Length", "mode")]
    [InlineData("Write", "rename")]
    public void A_shard_whose_content_stays_may_be_linked_renamed_and_given_another_mode_meanwhile(string step, string change)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && change != "rename", "no modes, and links leave no trace");
        var project = Project("clone");
        var path = Path.Combine(project.Root, "data", "a.jsonl");
        IncrementalTests.WaitUntilStampIsOld(path);
        FileStamp.TryOf(path, out var before).ShouldBeTrue();
        var changed = false;

        var build = project.Build(name =>
        {
            if (name == step && !changed)
            {
                changed = true;
                Touch();
            }
        });

        changed.ShouldBeTrue();
        build.Diagnostics.ShouldBeEmpty();
        FileStamp.TryOf(path, out var after).ShouldBeTrue();
        after.ShouldNotBe(before);
        project.Build().Scored.ShouldBe(0);
        var clean = Project("clean");
        clean.Build();
        WarmEqualsCleanTests.Differences(project.Snapshot(), clean.Snapshot()).ShouldBeEmpty();

        void Touch()
        {
            if (change == "rename")
            {
                // As tools save: a copy takes the file's place.
                File.Copy(path, path + ".tmp");
                File.Move(path + ".tmp", path, overwrite: true);
            }
            else if (change == "link")
            {
                using var ln = System.Diagnostics.Process.Start("ln", [path, path + ".linked"]);
                ln.WaitForExit();
                ln.ExitCode.ShouldBe(0);
            }
            else if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) ^ UnixFileMode.GroupRead);
            }
        }
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
