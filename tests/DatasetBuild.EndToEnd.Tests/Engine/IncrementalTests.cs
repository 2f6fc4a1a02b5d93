using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

public sealed class IncrementalTests
{
    [Fact]
    public void A_build_with_nothing_to_do_touches_no_file_however_often_it_runs()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        var before = project.OutputStamps();
        for (var build = 0; build < 3; build++)
        {
            project.Build().ShouldSucceed().Text.ShouldContain("up to date");
            project.OutputStamps().ShouldBe(before, ignoreOrder: true);
        }
    }

    [Fact]
    public void An_edited_line_costs_one_score()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed().Of("Short", "scored").ShouldBe(19);
        project.Edit("data/b-lakes.jsonl", text => text.Replace("\"lakes lakes lakes\"", "\"lakes are deep and cold\"", StringComparison.Ordinal));

        var build = project.Build().ShouldSucceed();
        build.Of("Short", "scored").ShouldBe(1);
        build.Of("Short", "cached").ShouldBe(18);
        project.Records().ShouldContain(line => line.Contains("lakes are deep and cold"));
        project.ShouldEqualABuildFromNothing();
    }

    [Fact]
    public void A_deleted_shard_takes_its_records_along_and_gives_back_the_twins_that_they_displaced()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        File.Delete(project.PathOf("data/a-rivers.jsonl"));

        var build = project.Build().ShouldSucceed();
        build.Of("Duplicates", "dropped").ShouldBe(0);
        build.Of("Short", "scored").ShouldBe(0);
        project.Records().Count(line => line.Contains("rivers")).ShouldBe(1);
        project.ShouldEqualABuildFromNothing();
    }

    [Fact]
    public void A_new_shard_costs_its_own_records()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        project.WriteLines("data/c-seas.jsonl", Messages.Counting("seas", 5));
        project.Build().ShouldSucceed().Of("Short", "scored").ShouldBe(5);
        project.ShouldEqualABuildFromNothing();
    }

    [Fact]
    public void A_renamed_shard_costs_nothing()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        var before = project.Records();
        File.Move(project.PathOf("data/b-lakes.jsonl"), project.PathOf("data/c-lakes.jsonl"));
        project.Build().ShouldSucceed().Of("Short", "scored").ShouldBe(0);
        project.Records().ShouldBe(before);
    }

    [Fact]
    public void A_changed_limit_scores_nothing()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        project.WriteProject(Samples.Shards + Samples.Dedup + Samples.Short.Replace("Min=\"4\"", "Min=\"9\"", StringComparison.Ordinal));

        var build = project.Build().ShouldSucceed();
        build.Of("Short", "scored").ShouldBe(0);
        build.Of("Short", "kept").ShouldBe(3);
        project.ShouldEqualABuildFromNothing();
    }

    [Fact]
    public void A_limit_that_comes_from_a_property_follows_the_command_line()
    {
        using var project = Samples.TwoShards(Samples.Short.Replace("Min=\"4\"", "Min=\"$(Least)\"", StringComparison.Ordinal));
        project.Build("-p:Least=4").ShouldSucceed().Of("Short", "kept").ShouldBe(14);
        var build = project.Build("-p:Least=10").ShouldSucceed();
        build.Of("Short", "scored").ShouldBe(0);
        build.Of("Short", "kept").ShouldBe(2);
    }

    [Fact]
    public void A_stage_that_moves_scores_nothing()
    {
        using var project = new SampleProject(Samples.Shards + Samples.Rated + Samples.Short).WriteLines("data/a.jsonl",
            Enumerable.Range(1, 8).Select(i => Messages.Chat($"Question {i}?", string.Join(' ', Enumerable.Repeat("word", i)), ("quality", 2 + (i % 3)))));
        project.Build().ShouldSucceed().Of("Short", "scored").ShouldBe(8);
        project.WriteProject(Samples.Shards + Samples.Short + Samples.Rated);
        project.Build().ShouldSucceed().Of("Short", "scored").ShouldBe(0);
        project.ShouldEqualABuildFromNothing();
    }

    [Fact]
    public void A_field_beside_the_conversation_is_read_again_and_scores_nothing()
    {
        int[] qualities = [4, 3, 5, 4, 3, 5, 4, 3];
        using var project = new SampleProject(Samples.Shards + Samples.Short + Samples.Rated).WriteLines("data/a.jsonl",
            qualities.Select((quality, i) => Messages.Chat($"Question {i}?", "An answer of several words.", ("quality", quality))));
        project.Build().ShouldSucceed().Of("Rated", "kept").ShouldBe(8);
        project.Edit("data/a.jsonl", text => text.Replace("\"quality\":3", "\"quality\":1", StringComparison.Ordinal));

        var build = project.Build().ShouldSucceed();
        build.Of("Short", "scored").ShouldBe(0);
        build.Of("Rated", "dropped").ShouldBe(3);
        project.ShouldEqualABuildFromNothing();
    }

    [Fact]
    public void A_lost_cache_costs_time_and_nothing_else()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        var before = project.OutputBytes();
        Directory.Delete(project.CachePath, recursive: true);
        Directory.Delete(project.OutputPath, recursive: true);
        project.Build().ShouldSucceed().Of("Short", "scored").ShouldBe(19);
        project.OutputBytes().ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public void A_damaged_output_is_written_again()
    {
        using var project = Samples.TwoShards();
        project.Build().ShouldSucceed();
        var before = project.OutputBytes();
        File.AppendAllText(project.OutputFiles().First(file => file.EndsWith(".jsonl", StringComparison.Ordinal)), "{}\n");
        project.Build().ShouldSucceed();
        project.OutputBytes().ShouldBe(before, ignoreOrder: true);
    }
}
