using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Cleaning a cache: what a project that is still there needs stays, all else may go, and what went costs no more than computing it again.</summary>
public sealed class CacheCollectionTests : IDisposable
{
    private static readonly CollectionRules OlderThanAMonth = new() { KeepFor = TimeSpan.FromDays(30) };

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
}
