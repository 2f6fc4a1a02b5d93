using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class DiffTests
{
    [Fact]
    public void A_project_is_compared_with_its_build_before()
    {
        using var plan = Changed();
        var output = plan.Run("diff").ShouldExitWith(0).Output;
        output.ShouldStartWith("sample: 7 → 6 records, of 10 → 10\nShort: Min 2 → 3\nshard data/a.jsonl changed: 5 records → 4 records\nshard data/c.jsonl is new: 1 record\n");
        output.ShouldMatch(@"added +1 +\+1 +data/c.jsonl is new\n");
        output.ShouldMatch(@"removed +1 +-1 +gone from data/a.jsonl\n");
        output.ShouldMatch(@"rescued +1 +\+1 +its twin was removed\n");
        output.ShouldMatch(@"displaced +2 +-2 +Short: Min 2 → 3\n");
        output.ShouldMatch(@"data/b.jsonl:5 +dropped by Duplicates: duplicate of data/a.jsonl:5 +kept +its twin was removed \(data/a.jsonl:5\)\n");
        output.ShouldMatch(@"data/a.jsonl:2 +kept +dropped by Short: below Min +Short: Min 2 → 3 \(score 2\)\n");
        output.ShouldNotContain("\nmoved");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_report_that_was_only_touched_or_moved_along_can_still_be_compared_with(bool moved)
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        plan.TouchOutputs();
        if (moved)
        {
            plan.Move();
        }

        plan.Shard("data/a.jsonl", Enumerable.Range(1, 4).Select(words => Samples.Record("river", words, words / 2.0))).Build();

        var output = plan.Run("diff").ShouldExitWith(0).Output;
        output.ShouldMatch(@"removed +1 +-1 +gone from data/a.jsonl\n");
        output.ShouldNotContain("\nadded");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_report_of_which_something_was_edited_or_deleted_is_not_compared_with(bool edited)
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        var verdicts = plan.PathOf("bin/dataset.report/verdicts/data/a.jsonl.csv");
        if (edited)
        {
            File.AppendAllText(verdicts, "\n");
        }
        else
        {
            File.Delete(verdicts);
        }

        plan.Shard("data/a.jsonl", Samples.Record("river", 2)).Build();
        plan.Run("diff").ShouldExitWith(2).Error.ShouldContain("DSB2062");
    }

    [Fact]
    public void As_json_every_record_is_told()
    {
        using var plan = Changed();
        var difference = plan.Run("diff", "--json").ShouldExitWith(0).Json;
        (difference.GetProperty("before").GetProperty("kept").GetInt32(), difference.GetProperty("after").GetProperty("records").GetInt32()).ShouldBe((7, 10));
        difference.GetProperty("stages")[0].GetProperty("parameters")[0].GetProperty("after").GetString().ShouldBe("3");
        var changes = difference.GetProperty("changes").EnumerateArray().ToList();
        changes.Select(change => change.GetProperty("change").GetString()).ShouldBe(["added", "removed", "rescued", "displaced", "displaced"]);
        changes[0].GetProperty("after").GetProperty("key").GetString()!.Length.ShouldBe(32);
        changes[0].GetProperty("cause").GetProperty("kind").GetString().ShouldBe("source");
        changes[2].GetProperty("cause").GetProperty("kind").GetString().ShouldBe("twin");
        changes[3].GetProperty("after").GetProperty("values").GetProperty("Short").GetString().ShouldBe("2");
        difference.GetProperty("counts").EnumerateArray().Sum(count => count.GetProperty("records").GetInt32()).ShouldBe(5);
    }

    [Fact]
    public void As_markdown_it_can_be_pasted_and_nothing_in_the_data_is_markup()
    {
        using var plan = new SamplePlan().Shard("a|b`<i>.jsonl", Samples.Record("river", 1));
        plan.Build();
        plan.Shard("a|b`<i>.jsonl", Samples.Record("river", 1), Samples.Record("lake", 1)).Build();
        var lines = plan.Run("diff", "--markdown").ShouldExitWith(0).Lines;
        lines[0].ShouldBe("### sample: 1 → 2 records, of 1 → 2");
        lines.ShouldContain("* shard a\\|b\\`&lt;i&gt;.jsonl changed: 1 record → 2 records");
        lines.ShouldContain("| added | 1 | +1 | new in a\\|b\\`&lt;i&gt;.jsonl |");
        lines.ShouldContain("<details><summary>added</summary>");
    }

    [Fact]
    public void Of_two_datasets_without_a_record_in_common_none_was_edited()
    {
        using var one = new SamplePlan().Shard("a.jsonl", Samples.Record("river", 1), Samples.Record("lake", 1));
        using var other = new SamplePlan().Shard("a.jsonl", Samples.Record("hill", 1), Samples.Record("rock", 1));
        one.Property("DatasetName", "water").Build();
        other.Build();

        var output = DatasetTool.Run("diff", one.File, other.File).ShouldExitWith(0).Output;

        output.ShouldContain("These are two datasets without a record in common.");
        output.ShouldMatch(@"added +2 +\+2 ");
        output.ShouldMatch(@"removed +2 +-2 ");
    }

    [Fact]
    public void So_many_examples_are_named_as_are_asked_for()
    {
        using var plan = Changed();
        plan.Run("diff", "--examples", "0").ShouldExitWith(0).Output.ShouldNotContain("data/c.jsonl:1");
        plan.Run("diff", "--examples", "-1").ShouldExitWith(2);
    }

    [Fact]
    public void Folders_from_elsewhere_are_compared_with_the_project()
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        Directory.Move(plan.PathOf("bin"), plan.PathOf("downloaded"));
        plan.WithoutShard("data/b.jsonl").Build();

        var output = DatasetTool.Run("diff", plan.PathOf("downloaded"), plan.File).ShouldExitWith(0).Output;
        output.ShouldContain("shard data/b.jsonl is gone: 5 records");
        output.ShouldMatch(@"removed +5 +-1 +data/b.jsonl is gone");

        Directory.Delete(plan.PathOf("downloaded/dataset.report"), recursive: true);
        DatasetTool.Run("diff", plan.PathOf("downloaded"), plan.File).ShouldExitWith(0).Output.ShouldContain("Of one side only the subset is there");
        Directory.Delete(plan.PathOf("downloaded/dataset/train"), recursive: true);
        DatasetTool.Run("diff", plan.PathOf("downloaded"), plan.File).ShouldExitWith(0).Output.ShouldContain("Of one side only the manifest is there");
    }

    [Fact]
    public void What_is_not_there_is_told()
    {
        using var plan = Samples.TwoShards();
        plan.Run("diff").ShouldExitWith(2).Error.ShouldContain("DSB2062");
        plan.Build();
        plan.Run("diff").ShouldExitWith(2).Error.ShouldContain("sample.csproj: error DSB2062: no earlier build is known");
        DatasetTool.Run("diff", plan.PathOf("nothing"), plan.File).ShouldExitWith(2).Error.ShouldContain("does not exist");
        DatasetTool.Run("diff", plan.PathOf("data"), plan.File).ShouldExitWith(2).Error.ShouldContain("error DSB2061");
        plan.Run("diff", "--json", "--markdown").ShouldExitWith(2);
    }

    [Fact]
    public void Without_a_difference_it_says_so()
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        DatasetTool.Run("diff", plan.File, plan.File).ShouldExitWith(0).Lines.ShouldBe(["sample: 3 → 3 records, of 10 → 10", "No record differs."]);
    }

    /// <summary>Two shards, whose last records are equal; then the first of those goes, a shard comes, and a limit rises.</summary>
    private static SamplePlan Changed()
    {
        var plan = new SamplePlan()
            .Shard("data/a.jsonl", Enumerable.Range(1, 5).Select(words => Samples.Record("river", words)))
            .Shard("data/b.jsonl", [.. Enumerable.Range(1, 4).Select(words => Samples.Record("lake", words)), Samples.Record("river", 5)]);
        Stages("2").Build();
        plan.Shard("data/a.jsonl", Enumerable.Range(1, 4).Select(words => Samples.Record("river", words))).Shard("data/c.jsonl", Samples.Record("hill", 3));
        Stages("3").Build();
        return plan;

        SamplePlan Stages(string min) => plan.WithoutStages()
            .Stage("Duplicates", ("Kind", "ExactDedup"))
            .Stage("Short", ("Kind", "TokenLength"), ("Part", "Response"), ("Counter", "Words"), ("Min", min));
    }
}
