using DatasetBuild.Tests.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>A validation split holds out whole clusters of duplicates.</summary>
public sealed class ClusterSplitTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private int projects;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_takes_the_place_of_a_survivor_is_on_the_same_side()
    {
        for (var i = 0; i < 12; i++)
        {
            // Two texts of one cluster; the one with the greater key is first, and so survives.
            string[] twins = [Text(i, ""), Text(i, " again")];
            Array.Sort(twins, (left, right) => Reading.Key(right).CompareTo(Reading.Key(left)));
            var both = Project("NearDedup", twins);
            both.Build();
            var side = SideOf(both, twins[0]);

            var alone = Project("NearDedup", twins[1]);
            alone.Build();

            SideOf(alone, twins[1]).ShouldBe(side);
        }
    }

    [Fact]
    public void Records_that_join_no_cluster_move_nothing()
    {
        var records = Enumerable.Range(0, 60).Select(i => Text(i, "")).ToList();
        var project = Project("NearDedup", [.. records]);
        project.Build();
        var before = records.ToDictionary(record => record, record => SideOf(project, record));
        before.Values.Distinct().Count().ShouldBe(2);

        project.Shard("more.jsonl", [.. Enumerable.Range(100, 40).Select(i => Text(i, ""))]);
        project.Build();

        records.ShouldAllBe(record => SideOf(project, record) == before[record]);
    }

    [Fact]
    public void Another_seed_holds_out_others()
    {
        var records = Enumerable.Range(0, 60).Select(i => Text(i, "")).ToArray();
        var (one, other) = (Project("ExactDedup", records), Project("ExactDedup", records));
        other.Properties["DatasetValidationSeed"] = "1";
        one.Build();
        other.Build();

        one.Lines("validation").ShouldNotBe(other.Lines("validation"));
    }

    [Theory]
    [InlineData("NearDedup", "near")]
    [InlineData("ExactDedup", "exact")]
    public void The_manifest_says_what_a_cluster_is(string kind, string clusters)
    {
        var project = Project(kind, Text(0, ""), Text(1, ""));
        project.Build();

        var split = project.Manifest()["split"]!;
        ((string)split["validation"]!, (int)split["seed"]!, (string)split["clusters"]!).ShouldBe(("40%", 0, clusters));
    }

    private static string Text(int number, string end) =>
        NearPool.Record(string.Join(' ', Enumerable.Range(0, 20).Select(i => $"w{number}x{i}")) + end);

    private static string SideOf(TestProject project, string record) =>
        new[] { "train", "validation" }.Single(split => project.Lines(split).Contains(record));

    private TestProject Project(string kind, params string[] records)
    {
        var project = new TestProject(folder.At($"{projects++}"));
        project.Shard("a.jsonl", records);
        project.Properties["DatasetValidationSplit"] = "40%";
        return project.Stage("Dedup", ("Kind", kind));
    }
}
