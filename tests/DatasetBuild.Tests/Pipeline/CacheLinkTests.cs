using DatasetBuild.Caching;
using DatasetBuild.Tests.Caching;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>
/// A link in the cache leads out of it, so it is not followed: what lies behind one is neither read, nor written, nor deleted, and the build is the same.
/// </summary>
public sealed class CacheLinkTests : IDisposable
{
    private static readonly CollectionRules Everything = new() { MaxBytes = 0, KeepFor = TimeSpan.Zero, TakesNeeded = true };

    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Folders => ["derived", "derived/shard-index", "derived/score-column", "scores", "scores/*", "projects", "tmp", "derived/shard-index/*"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_that_is_a_link_is_left_alone(string which)
    {
        var (project, before) = Built();
        var moved = folder.At("outside");
        foreach (var path in which.EndsWith('*') ? Directory.GetDirectories(Path.Combine(project.CachePath, which[..^2])) : [Path.Combine(project.CachePath, which)])
        {
            var name = Path.Combine(moved, Path.GetFileName(path));
            Directory.CreateDirectory(moved);
            Directory.Move(path, name);
            Directory.CreateSymbolicLink(path, name);
        }

        UseAndCollect(project, before, moved);
    }

    [Fact]
    public void A_file_that_is_a_link_is_left_alone()
    {
        var (project, before) = Built();
        var number = 0;
        foreach (var path in Directory.GetFiles(project.CachePath, "*", SearchOption.AllDirectories))
        {
            var name = folder.At("outside", $"{number++}");
            Directory.CreateDirectory(folder.At("outside"));
            File.Move(path, name);
            File.CreateSymbolicLink(path, name);
        }

        UseAndCollect(project, before, folder.At("outside")).Scored.ShouldBe(40);
    }

    [Fact]
    public void The_cache_itself_may_be_a_link()
    {
        var (project, before) = Built();
        Directory.Move(project.CachePath, folder.At("elsewhere"));
        Directory.CreateSymbolicLink(project.CachePath, folder.At("elsewhere"));
        Directory.Delete(project.OutputPath, recursive: true);

        var build = project.Build();

        build.Scored.ShouldBe(0);
        build.Diagnostics.ShouldBeEmpty();
        WarmEqualsCleanTests.Differences(project.Snapshot(), before).ShouldBeEmpty();
    }

    [Fact]
    public void The_stamp_of_the_size_limit_is_not_written_through_a_link()
    {
        var (project, _) = Built();
        var outside = folder.Write("outside", "not the cache's"u8);
        File.SetLastWriteTimeUtc(outside, DateTime.UtcNow.AddDays(-3));
        var stamp = Path.Combine(project.CachePath, "limit.stamp");
        File.Delete(stamp);
        File.CreateSymbolicLink(stamp, outside);

        var time = new ManualTime();
        time.Advance(TimeSpan.FromDays(2));
        CacheLimit.EnforceDaily(project.CachePath, time: time);

        File.ReadAllText(outside).ShouldBe("not the cache's");
        new FileInfo(stamp).LinkTarget.ShouldBeNull();
    }

    [Fact]
    public void Forgotten_scores_that_link_outside_are_deleted_and_what_they_link_to_is_not()
    {
        var (project, _) = Built();
        var outside = folder.Write("outside/file", "not the cache's"u8);
        var forgotten = Path.Combine(project.CachePath, "scores", "0.forgotten");
        Directory.CreateDirectory(forgotten);
        Directory.CreateSymbolicLink(Path.Combine(forgotten, "link"), Path.GetDirectoryName(outside)!);

        CacheCollector.Collect(project.CachePath, Everything);

        Directory.Exists(forgotten).ShouldBeFalse();
        File.Exists(outside).ShouldBeTrue();
    }

    [Fact]
    public void Temporaries_of_killed_builds_are_not_looked_for_behind_links()
    {
        var (project, _) = Built();
        var outside = folder.Write("outside/a.blk.4194304-0123456789ab.tmp", "not ours"u8);
        var inside = folder.Write("clone/obj/dataset/a.blk.4194304-0123456789ab.tmp", "ours"u8);
        Directory.CreateSymbolicLink(Path.Combine(project.StatePath, "link"), Path.GetDirectoryName(outside)!);

        project.Build();

        File.Exists(inside).ShouldBeFalse();
        File.Exists(outside).ShouldBeTrue();
    }

    [Fact]
    public void The_lock_of_an_output_folder_makes_no_file_behind_a_link()
    {
        var (project, before) = Built();
        var outside = folder.At("made");
        File.CreateSymbolicLink(Path.Combine(project.OutputPath, ".datasetbuild", "commit.lock"), outside);

        project.Build();

        File.Exists(outside).ShouldBeFalse();
        WarmEqualsCleanTests.Differences(project.Snapshot(), before).ShouldBeEmpty();
    }

    /// <summary>Builds again without a subset at hand, deletes all that may be deleted, and looks at what lies behind the links.</summary>
    private static Build UseAndCollect(TestProject project, Dictionary<string, string> before, string outside)
    {
        foreach (var path in Directory.GetFiles(outside, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-40));
        }

        var behind = Content(outside);
        Directory.Delete(project.OutputPath, recursive: true);
        var build = project.Build();
        build.Diagnostics.ShouldAllBe(diagnostic => diagnostic.Severity == Severity.Warning && diagnostic.Code == CacheCodes.CannotWrite);
        WarmEqualsCleanTests.Differences(project.Snapshot(), before).ShouldBeEmpty();
        CacheCollector.Collect(project.CachePath, Everything);
        CacheLimit.Enforce(project.CachePath, 0);
        CacheSummary.Of(project.CachePath).Bytes.ShouldBeLessThan(1 << 20);
        Content(outside).ShouldBe(behind, ignoreOrder: true);
        return build;
    }

    private static List<string> Content(string outside) =>
    [
        .. Directory.GetFiles(outside, "*", SearchOption.AllDirectories)
            .Select(path => $"{Path.GetRelativePath(outside, path)} {File.GetLastWriteTimeUtc(path):O} {Convert.ToHexString(File.ReadAllBytes(path))}"),
    ];

    private (TestProject Project, Dictionary<string, string> Before) Built()
    {
        var project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 40).Select(IncrementalTests.Record)]);
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Words"), ("Keep", "50%"));
        project.Stage("Quality", ("Kind", "Column"), ("Field", "q"), ("Max", "8"));
        project.Build();
        return (project, project.Snapshot());
    }
}
