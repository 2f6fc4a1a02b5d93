using DatasetBuild.Caching;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>The cache and the state are never trusted: whatever somebody does to their files, the next build equals a clean one.</summary>
public sealed class CacheDamageTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void After_any_damage_the_next_build_equals_a_clean_one(int seed)
    {
        using var folder = new ScratchFolder();
        var random = new Random(seed);
        var damaged = Project(folder.At("damaged"));
        damaged.Build();
        for (var round = 0; round < 3; round++)
        {
            List<string> files = [.. Directory.GetFiles(damaged.CachePath, "*", SearchOption.AllDirectories), .. Directory.GetFiles(damaged.StatePath, "*.blk")];
            foreach (var path in files.Order(StringComparer.Ordinal).Where(_ => random.Next(3) == 0))
            {
                Damage(random, path);
            }

            // Something changed as well, so that both old and new scores are asked for.
            damaged.Shard("data/a.jsonl", [.. Enumerable.Range(0, 40).Select(i => IncrementalTests.Record(i == round ? 100 + round : i))]);
            var build = damaged.Build();
            build.Diagnostics.ShouldAllBe(diagnostic => diagnostic.Severity != Severity.Error);

            var clean = Project(folder.At($"clean{round}"));
            File.Copy(Path.Combine(damaged.Root, "data", "a.jsonl"), Path.Combine(clean.Root, "data", "a.jsonl"), overwrite: true);
            clean.Build();
            WarmEqualsCleanTests.Differences(damaged.Snapshot(), clean.Snapshot()).ShouldBeEmpty($"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Without_a_cache_all_is_scored_again_and_the_subset_is_the_same()
    {
        using var folder = new ScratchFolder();
        var project = Project(folder.At("clone"));
        var first = project.Build();
        var before = project.Snapshot();
        Directory.Delete(project.CachePath, recursive: true);

        var again = project.Build();

        again.Scored.ShouldBe(first.Scored);
        project.Snapshot().ShouldBe(before);
    }

    [Fact]
    public void A_damaged_later_part_of_an_index_warns_once_and_is_mended()
    {
        const int BlockSize = 1 << 16;
        using var folder = new ScratchFolder();
        var project = Project(folder.At("clone"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 12_000).Select(IncrementalTests.Record)]);
        project.Build();
        var before = project.Snapshot();
        var path = Directory.GetFiles(Path.Combine(project.CachePath, "derived", "shard-index"), "*.blk", SearchOption.AllDirectories).MaxBy(file => new FileInfo(file).Length)!;
        var whole = File.ReadAllBytes(path);
        var bytes = whole.ToArray();
        for (var at = BlockSize + 5000; at < bytes.Length - 5000; at += BlockSize / 2)
        {
            bytes[at] ^= 0x10;
        }

        File.WriteAllBytes(path, bytes);
        Directory.Delete(Path.Combine(project.Root, "bin"), recursive: true);
        var warned = project.Build().Diagnostics.ShouldHaveSingleItem();

        (warned.Code, warned.File).ShouldBe((CacheCodes.DamagedFile, path));
        // Made anew, with another random key for its tags.
        new FileInfo(path).Length.ShouldBe(whole.Length);
        Directory.Delete(Path.Combine(project.Root, "bin"), recursive: true);
        project.Build().Diagnostics.ShouldBeEmpty();
        project.Snapshot().ShouldBe(before);
    }

    [Fact]
    public void A_cache_may_be_shared_by_projects()
    {
        using var folder = new ScratchFolder();
        var one = Project(folder.At("one"));
        var first = one.Build();
        var other = Project(folder.At("other"));
        other.CachePath = one.CachePath;

        var build = other.Build();

        first.Scored.ShouldBeGreaterThan(0);
        build.Scored.ShouldBe(0);
        other.Snapshot().ShouldBe(one.Snapshot());
    }

    private static void Damage(Random random, string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var bytes = File.ReadAllBytes(path);
        switch (random.Next(6))
        {
            case 0:
                File.Delete(path);
                break;
            case 1:
                File.WriteAllBytes(path, bytes[..random.Next(bytes.Length + 1)]);
                break;
            case 2:
                for (var flips = bytes.Length == 0 ? 0 : random.Next(1, 20); flips > 0; flips--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                File.WriteAllBytes(path, bytes);
                break;
            case 3:
                File.WriteAllBytes(path, []);
                break;
            case 4:
                random.NextBytes(bytes);
                File.WriteAllBytes(path, bytes);
                File.WriteAllText(path + ".foreign", "what is this?");
                break;
            default:
                // Another file of the cache under this one's name.
                var folder = Path.GetDirectoryName(path)!;
                var others = Directory.GetFiles(folder);
                File.WriteAllBytes(path, File.ReadAllBytes(others[random.Next(others.Length)]));
                break;
        }
    }

    private static TestProject Project(string root)
    {
        var project = new TestProject(root);
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 40).Select(i => IncrementalTests.Record(i))]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(30, 40).Select(i => IncrementalTests.Record(i))]);
        project.Stage("ExactDedup", ("Normalize", "Lower"));
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Words"), ("Keep", "66.5%"));
        project.Stage("Quality", ("Kind", "Column"), ("Field", "q"), ("Max", "8"), ("Keep", "70%"));
        return project;
    }
}
