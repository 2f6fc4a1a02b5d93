using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>Data as people have them: 275 files of prompts and completions, many of them equal but for the space around them.</summary>
public sealed class RealPoolTests
{
    private const int Records = 55_185;
    private const int Distinct = 54_032;

    [Fact]
    public void A_real_pool_is_deduplicated_once_and_a_changed_limit_scores_nothing()
    {
        var pool = SharedData.Folder("pools/t0");
        using var project = new SampleProject(Items(pool, least: 1));
        var first = project.Build().ShouldSucceed();
        first.Of("Duplicates", "entered").ShouldBe(Records);
        first.Of("Duplicates", "kept").ShouldBe(Distinct);
        first.Of("Long", "entered").ShouldBe(Distinct);
        first.Of("Long", "scored").ShouldBeGreaterThan(0);
        project.Records().Length.ShouldBe(first.Of("Long", "kept"));

        var stamps = project.OutputStamps();
        project.Build().ShouldSucceed().Text.ShouldContain("up to date");
        project.OutputStamps().ShouldBe(stamps, ignoreOrder: true);

        project.WriteProject(Items(pool, least: 20));
        var stricter = project.Build().ShouldSucceed();
        stricter.Of("Duplicates", "scored").ShouldBe(0);
        stricter.Of("Long", "scored").ShouldBe(0);
        stricter.Of("Long", "kept").ShouldBeLessThan(first.Of("Long", "kept"));
        project.Records().Length.ShouldBe(stricter.Of("Long", "kept"));
    }

    private static string Items(string pool, int least) => $"""
        <DatasetShard Include="{pool}/*.jsonl" />
        <SelectorStage Include="Duplicates" Kind="ExactDedup" Normalize="Trim" />
        <SelectorStage Include="Long" Kind="TokenLength" Part="Response" Counter="Words" Min="{least}" />
        """;
}
