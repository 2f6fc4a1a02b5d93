using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>A dataset does not feed on itself: what a wide pattern finds among its outputs is left out, and what is named there is refused.</summary>
public sealed class OwnOutputTests
{
    [Fact]
    public void A_wide_pattern_leaves_out_what_earlier_builds_wrote()
    {
        using var project = new SampleProject("""<DatasetShard Include="**/*.jsonl" />""" + Samples.Dedup);
        project.WriteLines("data/a.jsonl", Messages.Counting("rivers", 5));
        project.Build().ShouldSucceed();
        var records = project.Records();
        project.WriteLines("data/b.jsonl", Messages.Counting("lakes", 5));

        project.Build().ShouldSucceed().Of("Duplicates", "entered").ShouldBe(10);
        records.ShouldBeSubsetOf(project.Records());
    }

    [Theory]
    [InlineData("bin/Debug/net10.0/dataset/train/*.jsonl", "")]
    [InlineData("data/*.jsonl", "<DatasetOutputPath>data</DatasetOutputPath>")]
    [InlineData("data/a.jsonl;mine/b.jsonl", "<DatasetOutputPath>mine</DatasetOutputPath>")]
    [InlineData("data/a.jsonl;mine/b.jsonl", "<DatasetReportPath>mine</DatasetReportPath>")]
    public void A_shard_that_is_named_in_an_output_folder_is_refused(string shards, string property)
    {
        using var project = new SampleProject(Samples.Shards + Samples.Dedup, "<DatasetOnly>true</DatasetOnly>");
        project.WriteLines("data/a.jsonl", Messages.Counting("rivers", 5)).WriteLines("mine/b.jsonl", Messages.Counting("lakes", 5));
        project.Build().ShouldSucceed();
        var before = project.OutputBytes();
        project.WriteProject($"""<DatasetShard Include="{shards}" />""" + Samples.Dedup, "<DatasetOnly>true</DatasetOnly>" + property);

        project.Build().ShouldFail().Text.ShouldContain("error DSB2014");
        project.OutputBytes().ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public void A_shard_that_is_named_elsewhere_below_bin_is_read()
    {
        using var project = new SampleProject("""<DatasetShard Include="data/a.jsonl;bin/my/b.jsonl" />""" + Samples.Dedup);
        project.WriteLines("data/a.jsonl", Messages.Counting("rivers", 5)).WriteLines("bin/my/b.jsonl", Messages.Counting("lakes", 5));

        project.Build().ShouldSucceed().Of("Duplicates", "entered").ShouldBe(10);
    }

    [Fact]
    public void A_report_in_the_subset_is_refused()
    {
        using var project = new SampleProject(Samples.Shards + Samples.Dedup, "<DatasetOnly>true</DatasetOnly><DatasetReportPath>bin/Debug/net10.0/dataset/train/</DatasetReportPath>");
        project.WriteLines("data/a.jsonl", Messages.Counting("rivers", 5));

        project.Build().ShouldFail().Text.ShouldContain("error DSB4023");
        project.OutputFiles().ShouldBeEmpty();
    }
}
