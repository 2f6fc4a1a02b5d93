using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class ClustersTests
{
    private const string Answer = "one two three four five six seven eight nine ten eleven twelve";

    [Fact]
    public void The_largest_cluster_comes_first_with_what_differs_in_words()
    {
        using var plan = Plan();
        var clusters = plan.Run("clusters", "--json").ShouldExitWith(0).Json;

        clusters.GetArrayLength().ShouldBe(2);
        clusters[0].GetProperty("size").GetInt32().ShouldBe(4);
        clusters[0].GetProperty("survivor").GetProperty("place").GetString().ShouldBe("data/a.jsonl:1");
        clusters[0].GetProperty("text").GetString()!.ShouldContain(Answer);
        var sample = clusters[0].GetProperty("samples")[0];
        sample.GetProperty("record").GetProperty("place").GetString().ShouldBe("data/a.jsonl:2");
        sample.GetProperty("jaccard").GetDouble().ShouldBeInRange(0.6, 0.9);
        var change = sample.GetProperty("differences").EnumerateArray().ShouldHaveSingleItem();
        (change.GetProperty("removed").GetString(), change.GetProperty("added").GetString()).ShouldBe(("twelve", "13"));
        clusters[1].GetProperty("size").GetInt32().ShouldBe(2);
    }

    [Fact]
    public void For_people_it_is_a_page()
    {
        using var plan = Plan();
        var output = plan.Run("clusters", "--top", "1").ShouldExitWith(0).Output;

        output.ShouldContain("4 records data/a.jsonl:1 stays");
        output.ShouldContain("[-twelve-]{+13+}");
        output.ShouldContain("2 clusters, the 1 largest shown");
    }

    [Fact]
    public void Letters_of_scripts_without_spaces_are_words()
    {
        using var plan = new SamplePlan()
            .Shard("data/a.jsonl",
                Messages.Chat("今天天气很好", "我们去公园散步 and 喝茶 together，然后回家休息。"),
                Messages.Chat("今天天气很好", "我们去公园散步 and 饮茶 together，然后回家休息了。"))
            .Stage("NearDedup", ("ShingleSize", "2"), ("Threshold", "0.5"));

        plan.Run("clusters").ShouldExitWith(0).Output.ShouldContain("[-喝-]{+饮+} … {+了+}");
    }

    [Fact]
    public void What_differs_is_told_of_the_part_that_is_compared()
    {
        using var plan = new SamplePlan()
            .Shard("data/a.jsonl", Messages.Chat("What?", Answer), Messages.Chat("Why?", Answer.Replace("twelve", "13", StringComparison.Ordinal)))
            .Stage("NearDedup", ("Part", "Response"), ("ShingleSize", "2"), ("Threshold", "0.6"));

        plan.Run("clusters").ShouldExitWith(0).Output.ShouldContain("): [-twelve-]{+13+}");
    }

    [Fact]
    public void Of_a_chain_the_similarity_is_told_as_that_of_a_link()
    {
        using var plan = new SamplePlan()
            .Shard("data/a.jsonl", Messages.Chat("q", "a b c d e f g"), Messages.Chat("q", "x b c d e f g"), Messages.Chat("q", "x b c d e f y"))
            .Stage("NearDedup", ("ShingleSize", "2"), ("Threshold", "0.5"), ("Linkage", "Connected"));

        plan.Run("explain", "data/a.jsonl:3").ShouldExitWith(0).Output.ShouldContain("to a record of the chain to data/a.jsonl:1, which is kept");
        plan.Run("explain", "data/a.jsonl:3", "--json").ShouldExitWith(0).Json[0].GetProperty("chained").GetBoolean().ShouldBeTrue();
        plan.Run("clusters").ShouldExitWith(0).Output.ShouldContain(" to a record of the chain)");
    }

    [Fact]
    public void A_stage_that_does_not_exist_is_a_mistake()
    {
        using var plan = Plan();
        plan.Run("clusters", "--stage", "Other").ShouldExitWith(2).Error.ShouldContain("The project's are NearDedup.");
        plan.Run("clusters", "--stage", "NaerDedup").ShouldExitWith(2).Error.ShouldContain("Did you mean NearDedup?");
    }

    [Fact]
    public void A_stage_that_looks_for_no_duplicates_is_a_mistake_too()
    {
        using var plan = Plan().Stage("Length", ("Kind", "TokenLength"), ("Counter", "Words"), ("Min", "1"));
        plan.Run("clusters", "--stage", "length").ShouldExitWith(2).Error.ShouldContain("'Length' is of the kind TokenLength, which looks for no duplicates. Those that do: NearDedup.");
    }

    [Fact]
    public void Explain_tells_twin_similarity_and_cluster()
    {
        using var plan = Plan();
        var record = plan.Run("explain", "data/a.jsonl:2", "--json").ShouldExitWith(0).Json[0];

        record.GetProperty("reason").GetString().ShouldBe("near duplicate");
        record.GetProperty("twin").GetProperty("place").GetString().ShouldBe("data/a.jsonl:1");
        record.GetProperty("jaccard").GetDouble().ShouldBeInRange(0.6, 0.9);
        record.GetProperty("cluster").GetInt32().ShouldBe(4);
        plan.Run("explain", "data/a.jsonl:2").ShouldExitWith(0).Output.ShouldContain("Jaccard");
    }

    private static SamplePlan Plan() => new SamplePlan()
        .Shard("data/a.jsonl",
            Messages.Chat("Count.", Answer),
            Messages.Chat("Count.", Answer.Replace("twelve", "13", StringComparison.Ordinal)),
            Messages.Chat("Count.", Answer.ToUpperInvariant()),
            Messages.Chat("Count.", Answer),
            Messages.Chat("Short.", "yes"),
            Messages.Chat("Short.", "Yes!"),
            Messages.Chat("Alone.", "here"))
        .Stage("NearDedup", ("ShingleSize", "2"), ("Threshold", "0.6"));
}
