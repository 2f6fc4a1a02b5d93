using System.Globalization;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>The same plan and the same input bytes give the same output bytes and manifest, whatever else is different.</summary>
public sealed class DeterminismTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public static TheoryData<string> Differences => ["threads", "culture", "path", "order of shards", "warm", "verified"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Differences))]
    public void Output_bytes_and_manifest_are_the_same_with_another(string difference)
    {
        var expected = Project(folder.At("expected"));
        expected.Properties["DatasetThreads"] = "1";
        expected.Build();

        var other = Project(difference == "path" ? folder.At("a", "much", "longer and oddly named", "pfad-ä") : folder.At("other"));
        var culture = CultureInfo.CurrentCulture;
        try
        {
            switch (difference)
            {
                case "threads":
                    other.Properties["DatasetThreads"] = "5";
                    break;
                case "culture":
                    CultureInfo.CurrentCulture = Strange();
                    CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture;
                    break;
                case "order of shards":
                    other.Shards.Reverse();
                    break;
                case "warm":
                    other.Build();
                    other.Stages[1].Metadata["Keep"] = "33.5%";
                    break;
                case "verified":
                    other.Build();
                    other.Properties["DatasetVerifyInputs"] = "true";
                    break;
            }

            other.Build();
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
            CultureInfo.DefaultThreadCurrentCulture = null;
        }

        WarmEqualsCleanTests.Differences(expected.Snapshot(), other.Snapshot()).ShouldBeEmpty();
    }

    [Fact]
    public void The_manifest_names_no_path_time_or_host()
    {
        var project = Project(folder.At("clone"));
        project.Build();

        var manifest = project.Manifest().ToJsonString();
        manifest.ShouldNotContain(folder.Root);
        manifest.ShouldNotContain(Environment.MachineName);
        manifest.ShouldContain("data/b.jsonl");
    }

    [Fact]
    public void A_shard_outside_the_project_is_named_relative_to_it()
    {
        var project = Project(folder.At("clone"));
        File.Copy(Path.Combine(project.Root, "data", "a.jsonl"), folder.At("outside.jsonl"));
        project.Shards.Add(("../outside.jsonl", []));
        project.Build();

        project.Manifest()["inputs"]!.AsArray().Select(input => (string)input!["path"]!).ShouldBe(["../outside.jsonl", "data/a.jsonl", "data/b.jsonl", "data/c.jsonl"]);
    }

    [Fact]
    public void A_shard_that_is_declared_twice_counts_once()
    {
        var project = Project(folder.At("clone"));
        var expected = project.Build().Result.Records;
        project.Shards.Add(("data/../data/a.jsonl", []));

        project.Build().Result.Records.ShouldBe(expected);
    }

    /// <summary>A culture that writes numbers as no machine of ours does; it needs no culture data.</summary>
    private static CultureInfo Strange()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.PercentDecimalSeparator = ",";
        culture.NumberFormat.NegativeSign = "−";
        culture.NumberFormat.PositiveSign = "plus";
        return culture;
    }

    private static TestProject Project(string root)
    {
        var project = new TestProject(root);
        for (var shard = 0; shard < 3; shard++)
        {
            project.Shard($"data/{"abc"[shard]}.jsonl", [.. Enumerable.Range(shard * 20, 30).Select(i => IncrementalTests.Record(i).Replace("\"q\":", i % 2 == 0 ? "\"q\":-0.5e-7" : "\"q\":", StringComparison.Ordinal))]);
        }

        project.Properties["DatasetOutputShards"] = "3";
        project.Stage("ExactDedup", ("Normalize", "Trim"));
        project.Stage("Length", ("Kind", "TokenLength"), ("Counter", "Words"), ("Keep", "66.5%"));
        project.Stages[1].Metadata["Keep"] = "33.5%";
        project.Stage("Random", ("Seed", "-17"), ("Min", "0.05"));
        project.Stage("Quality", ("Kind", "Column"), ("Field", "q"), ("Min", "-0.5"), ("Band", "0%..87.5%"));
        return project;
    }
}
