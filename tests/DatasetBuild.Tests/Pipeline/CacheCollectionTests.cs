using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Cleaning a cache: what a project that is still there needs stays, all else may go, and what went costs no more than computing it again.</summary>
public sealed class CacheCollectionTests : IDisposable
{
    private static readonly CollectionRules OlderThanAMonth = new() { KeepFor = TimeSpan.FromDays(30) };

    private static readonly CollectionRules Everything = new() { MaxBytes = 0, KeepFor = TimeSpan.Zero };

    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public CacheCollectionTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Write("pool.csproj", "<Project />");
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 30).Select(IncrementalTests.Record)]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(20, 30).Select(IncrementalTests.Record)]);
        project.Stage("ExactDedup", ("Normalize", "Lower")).Stage("TokenLength", ("Counter", "Bytes"), ("Min", "1"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_a_project_used_in_its_last_build_stays_however_old_it_is()
    {
        project.Build();
        Age(60);

        CacheCollector.Collect(project.CachePath, OlderThanAMonth).Parts.ShouldBeEmpty();
        CacheCollector.Collect(project.CachePath, new CollectionRules { MaxBytes = 0 }).Parts.ShouldBeEmpty();

        project.Shard("data/b.jsonl", [.. Enumerable.Range(21, 30).Select(IncrementalTests.Record)]);
        project.Build().Scored.ShouldBe(2, "one new record, two scorers");
    }

    [Fact]
    public void What_only_earlier_builds_used_goes()
    {
        project.Build();
        project.Shard("data/b.jsonl", [.. Enumerable.Range(40, 30).Select(IncrementalTests.Record)]);
        project.Stages[1].Metadata["Counter"] = "Words";
        project.Build();
        Age(60);

        var trial = CacheCollector.Collect(project.CachePath, OlderThanAMonth with { IsTrial = true });
        var before = Size();
        var collection = CacheCollector.Collect(project.CachePath, OlderThanAMonth);

        collection.Parts.ShouldBe(trial.Parts);
        collection.Parts.ShouldContain(part => part.Path.StartsWith("scores", StringComparison.Ordinal), "the scores by bytes");
        collection.Bytes.ShouldBe(before - Size());
        collection.NeededBytes.ShouldBeGreaterThan(0);
        Directory.Delete(Path.Combine(project.Root, "bin"), recursive: true);
        project.Build().Scored.ShouldBe(0);
    }

    [Fact]
    public void With_the_project_its_claims_go()
    {
        project.Build();
        Age(60);
        File.Delete(project.ProjectFile);

        CacheCollector.Collect(project.CachePath, OlderThanAMonth).Parts.ShouldNotBeEmpty();

        KnownProject.All(project.CachePath).ShouldBeEmpty();
        Size().ShouldBe(0);
    }

    [Fact]
    public void What_was_used_within_the_hour_stays()
    {
        project.Build();
        File.Delete(project.ProjectFile);

        CacheCollector.Collect(project.CachePath, new CollectionRules { MaxBytes = 0, KeepFor = TimeSpan.Zero }).Parts.ShouldBeEmpty();
    }

    [Fact]
    public void A_full_disk_is_worse_than_a_lost_cache()
    {
        project.Build();
        Age(60);

        CacheLimit.Enforce(project.CachePath, 0).ShouldBeGreaterThan(0);

        Directory.Delete(Path.Combine(project.Root, "bin"), recursive: true);
        project.Build().Scored.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Every_kind_of_file_is_checked_to_its_last_block()
    {
        project.Build();
        var files = Directory.GetFiles(project.CachePath, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".blk" or ".seg").ToList();
        files.Select(Path.GetExtension).Distinct().Count().ShouldBe(2);
        CacheCheck.Run(project.CachePath, null, CancellationToken.None).Damaged.ShouldBeEmpty();
        foreach (var file in files)
        {
            var sound = File.ReadAllBytes(file);
            foreach (var at in (int[])[0, sound.Length / 2, sound.Length - 1])
            {
                var bytes = sound.ToArray();
                bytes[at] ^= 0x04;
                File.WriteAllBytes(file, bytes);

                CacheCheck.Run(project.CachePath, null, CancellationToken.None).Damaged.ShouldBe([file], $"byte {at} of {sound.Length}");
            }

            File.WriteAllBytes(file, sound);
        }
    }

    [Fact]
    public void What_a_build_at_work_has_used_since_it_began_stays_however_long_it_takes()
    {
        project.Build();
        File.Delete(project.ProjectFile);
        Age(60);
        using (var live = LiveBuild.Begin(project.CachePath, new Shifted(TimeSpan.FromDays(-61))))
        {
            CacheCollector.Collect(project.CachePath, Everything).Parts.ShouldBeEmpty();
            CacheLimit.Enforce(project.CachePath, 0).ShouldBe(0);
        }

        CacheCollector.Collect(project.CachePath, Everything).Parts.ShouldNotBeEmpty();
        Size().ShouldBe(0);
    }

    [Fact]
    public void A_build_stamps_what_it_uses_before_a_cleaning_may_take_it()
    {
        project.Build();
        File.Delete(project.ProjectFile);
        Age(60);
        Directory.Delete(Path.Combine(project.Root, "bin"), recursive: true);
        project.Build().Scored.ShouldBe(0);

        // With the note of this build gone, only the stamps are left to say that it was there.
        File.Delete(project.ProjectFile);
        CacheCollector.Collect(project.CachePath, Everything);

        Directory.Delete(Path.Combine(project.Root, "bin"), recursive: true);
        project.Build().Scored.ShouldBe(0);
    }

    [Theory]
    [InlineData(365)]
    [InlineData(-365)]
    public void With_a_clock_that_is_a_year_off_nothing_goes_that_a_project_needs_or_a_build_uses(int days)
    {
        project.Build();
        Age(60);
        var elsewhere = new TestProject(folder.At("elsewhere"), project.CachePath);
        elsewhere.Shard("data/c.jsonl", [.. Enumerable.Range(200, 10).Select(IncrementalTests.Record)]);
        elsewhere.Stage("TokenLength", ("Counter", "Words"), ("Min", "1"));
        using (LiveBuild.Begin(project.CachePath))
        {
            elsewhere.Build();
            CacheCollector.Collect(project.CachePath, Everything, new Shifted(TimeSpan.FromDays(days)));
        }

        project.Build().Scored.ShouldBe(0);
        Directory.Delete(Path.Combine(elsewhere.Root, "bin"), recursive: true);
        elsewhere.Build().Scored.ShouldBe(0);
    }

    [Fact]
    public void A_stamp_that_lies_ahead_is_set_to_now_and_ages_from_there()
    {
        project.Build();
        File.Delete(project.ProjectFile);
        Age(-365);

        CacheCollector.Collect(project.CachePath, Everything with { IsTrial = true }).Parts.ShouldBeEmpty();
        Directory.GetFiles(project.CachePath, "*.seg", SearchOption.AllDirectories).ShouldAllBe(file => File.GetLastWriteTimeUtc(file) > DateTime.UtcNow.AddDays(300), "a trial changes nothing");
        CacheCollector.Collect(project.CachePath, Everything).Parts.ShouldBeEmpty();
        CacheCollector.Collect(project.CachePath, Everything, new Shifted(TimeSpan.FromHours(2))).Parts.ShouldNotBeEmpty();
        Size().ShouldBe(0);
    }

    [Fact]
    public void A_limit_holds_from_the_first_day_and_is_looked_at_once_a_day()
    {
        project.Build();
        File.Exists(Path.Combine(project.CachePath, "limit.stamp")).ShouldBeTrue();
        Age(60);
        File.SetLastWriteTimeUtc(Path.Combine(project.CachePath, "limit.stamp"), DateTime.UtcNow);
        CacheLimit.EnforceDaily(project.CachePath, 0).ShouldBe(0);
        File.SetLastWriteTimeUtc(Path.Combine(project.CachePath, "limit.stamp"), DateTime.UtcNow.AddYears(1));
        CacheLimit.EnforceDaily(project.CachePath, 0).ShouldBeGreaterThan(0, "a stamp from a clock that was wrong does not stop it");
    }

    [Fact]
    public void What_each_configuration_of_a_project_used_stays()
    {
        project.Build();
        var release = new TestProject(project.Root, project.CachePath) { Shards = project.Shards };
        release.Stage("TokenLength", ("Counter", "Words"), ("Min", "1"));
        var state = Path.Combine(project.Root, "obj", "Release") + "/";
        var json = System.Text.Json.Nodes.JsonNode.Parse(release.PlanJson())!;
        json["statePath"] = state;
        json["outputPath"] = Path.Combine(project.Root, "bin", "Release") + "/";
        json["reportPath"] = Path.Combine(project.Root, "bin", "Release.report") + "/";
        var plan = DatasetBuild.Pipeline.Plan.Parse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), project.ProjectFile);
        DatasetBuild.Pipeline.DatasetBuilder.Build(plan, new Build(null), CancellationToken.None);
        Age(60);

        CacheCollector.Collect(project.CachePath, Everything).Parts.ShouldBeEmpty();

        KnownProject.All(project.CachePath).Select(known => known.StatePath).ShouldBe([project.StatePath, state], ignoreOrder: true);
    }

    [Fact]
    public void Builds_note_what_they_found_and_scored()
    {
        project.Build();
        project.Shard("data/b.jsonl", [.. Enumerable.Range(21, 30).Select(IncrementalTests.Record)]);
        project.Build();

        var history = ScoreHistory.Of(project.CachePath);

        history.Count.ShouldBe(2);
        foreach (var (use, projects) in history.Values)
        {
            (use.Builds, use.Scored).ShouldBe((2, 51));
            use.Found.ShouldBeGreaterThan(0);
            projects.ShouldBe([project.ProjectFile]);
        }

        history.Values.ShouldAllBe(scorer => scorer.Use.Rate > 0 && scorer.Use.Most == 50);
        foreach (var note in Directory.GetFiles(Path.Combine(project.CachePath, "projects")))
        {
            var bytes = File.ReadAllBytes(note);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(note, bytes);
        }

        ScoreHistory.Of(project.CachePath).ShouldBeEmpty();
        project.Shard("data/b.jsonl", [.. Enumerable.Range(22, 30).Select(IncrementalTests.Record)]);
        project.Build().Diagnostics.ShouldBeEmpty("figures are no reason to complain");
        ScoreHistory.Of(project.CachePath).Values.ShouldAllBe(scorer => scorer.Use.Builds == 1 && scorer.Use.Scored == 1);
    }

    [Theory]
    [InlineData("derived", "some.blk")]
    [InlineData("live", "0123456789abcdef0123456789abcdef.lock")]
    [InlineData("scores", "0123456789abcdef0123456789abcdef/seg-0123456789abcdef0123456789abcdef.seg")]
    [InlineData("scores/0123456789abcdef0123456789abcdef", "seg-0123456789abcdef0123456789abcdef.seg")]
    public void A_link_in_the_cache_does_not_lead_a_cleaning_out_of_it(string link, string file)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need privileges");
        var theirs = folder.Write($"theirs/{file}", [1, 2, 3]);
        File.SetLastWriteTimeUtc(theirs, DateTime.UtcNow.AddYears(-1));
        var cache = folder.At("linked");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(cache, link))!);
        Directory.CreateSymbolicLink(Path.Combine(cache, link), folder.At("theirs"));

        CacheCollector.Collect(cache, Everything).Parts.ShouldBeEmpty();
        CacheLimit.Enforce(cache, 0).ShouldBe(0);

        File.Exists(theirs).ShouldBeTrue();
    }

    private void Age(int days)
    {
        foreach (var path in Directory.GetFiles(project.CachePath, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-days));
        }
    }

    private long Size() => ((string[])["derived", "scores"])
        .Select(name => new DirectoryInfo(Path.Combine(project.CachePath, name)))
        .Where(part => part.Exists)
        .Sum(part => part.GetFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));

    /// <summary>A clock that is off.</summary>
    private sealed class Shifted(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + by;
    }
}
