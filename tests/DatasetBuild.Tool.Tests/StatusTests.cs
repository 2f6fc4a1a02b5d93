using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class StatusTests
{
    [Fact]
    public void A_project_is_stale_until_it_is_built_and_again_once_a_record_is_edited()
    {
        using var plan = Samples.TwoShards();
        plan.Run("status", "--check").ShouldExitWith(3).Output.ShouldContain("it was not built before");
        plan.Build();
        plan.Run("status", "--check").ShouldExitWith(0).Output.ShouldContain("up to date: 3 of 10 records");
        plan.Run("build").ShouldExitWith(0).Output.ShouldContain("up to date");
        plan.Shard("data/a.jsonl", Samples.Record("river", 7, 3));
        plan.Run("status", "--check").ShouldExitWith(3).Output.ShouldMatch(@"shard +data/a.jsonl +changed");
        plan.Run("status").ShouldExitWith(0);
    }

    [Fact]
    public void What_changed_is_listed()
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        plan.Shard("data/c.jsonl", Samples.Record("sea", 3)).WithoutShard("data/b.jsonl").Property("DatasetOutputShards", "2").WithoutStages()
            .Stage("Short", ("Kind", "TokenLength"), ("Part", "Response"), ("Counter", "Words"), ("Min", "3"))
            .Stage("Any", ("Kind", "Random"), ("Keep", "50%"));

        var changes = plan.Run("status", "--json").ShouldExitWith(0).Json.GetProperty("changes").EnumerateArray()
            .Select(change => $"{change.GetProperty("kind")} {change.GetProperty("name")} {change.GetProperty("change")} {change.GetProperty("detail")}".TrimEnd());
        changes.ShouldBe(
            [
                "shard data/c.jsonl new",
                "stage Short changed Min 2 to 3",
                "stage Any new",
                "stage Duplicates removed",
                "stage Rated removed",
                "property DatasetOutputShards new unset to 2",
                "shard data/b.jsonl removed",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public void An_output_that_somebody_changed_makes_it_stale()
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        File.AppendAllText(Directory.EnumerateFiles(plan.PathOf("bin/dataset/train")).First(), "{}\n");
        plan.Run("status", "--check").ShouldExitWith(3).Output.ShouldMatch(@"output +bin/dataset/train/\S+ +changed");
    }

    [Fact]
    public void An_output_that_was_only_touched_is_what_it_was()
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        plan.TouchOutputs();
        plan.Run("status", "--check").ShouldExitWith(0).Output.ShouldContain("up to date");
        var csv = plan.PathOf("bin/dataset.report/verdicts/data/a.jsonl.csv");
        var bytes = File.ReadAllBytes(csv);
        bytes[^2] ^= 1; // as long as it was
        File.WriteAllBytes(csv, bytes);
        plan.Run("status", "--check").ShouldExitWith(3).Output.ShouldMatch(@"output +bin/dataset.report/verdicts/data/a.jsonl.csv +changed");
    }

    [Fact]
    public void A_file_that_a_stage_reads_is_what_it_was_when_it_was_only_touched()
    {
        using var plan = Samples.TwoShards().Evaluation("eval/test.jsonl", "Who wrote Faust?").Stage("Clean", ("Kind", "Decontaminate")).Stage("Scored", ("Kind", "ScoreFile"), ("File", "scores.csv"), ("Missing", "Keep"), ("Min", "0"));
        File.WriteAllText(plan.PathOf("scores.csv"), "key,score\n");
        plan.Build();
        foreach (var file in (string[])["eval/test.jsonl", "scores.csv"])
        {
            File.SetLastWriteTimeUtc(plan.PathOf(file), DateTime.UtcNow.AddMinutes(-1));
            plan.Run("status", "--check").ShouldExitWith(0).Output.ShouldContain("up to date");
            plan.Build().Output.ShouldContain("up to date");
        }

        File.AppendAllText(plan.PathOf("scores.csv"), "00112233445566778899aabbccddeeff,1\n");
        plan.Run("status", "--check").ShouldExitWith(3).Output.ShouldMatch(@"file +scores.csv +changed");
    }

    [Fact]
    public void What_is_in_quarantine_is_told_and_a_build_with_nothing_to_do_warns_of_it_again()
    {
        using var plan = Samples.TwoShards().Shard("data/c.jsonl", Samples.Record("sea", 3), "{oops", "{oops again").Property("DatasetOnInvalidRecord", "Quarantine");
        plan.Build().Error.ShouldContain("warning DSB1017");
        var again = plan.Build();
        again.Output.ShouldContain("up to date");
        again.Error.ShouldContain("warning DSB1017");

        plan.Run("status", "--check").ShouldExitWith(0).Output.ShouldMatch(@"set 2 records aside in quarantine: \S*quarantine\.jsonl");
        plan.Run("status", "--json").ShouldExitWith(0).Json.GetProperty("quarantined").GetInt32().ShouldBe(2);
        plan.Shard("data/c.jsonl", Samples.Record("sea", 3));
        plan.Run("status", "--check").ShouldExitWith(3).Output.ShouldContain("in quarantine");
        plan.Build().Error.ShouldNotContain("DSB1017");
        plan.Run("status").ShouldExitWith(0).Output.ShouldNotContain("quarantine");
    }

    [Fact]
    public void Looking_changes_nothing()
    {
        using var plan = Samples.TwoShards();
        plan.Build();
        plan.Shard("data/a.jsonl", Samples.Record("river", 7, 3));
        var before = Directory.EnumerateFiles(plan.Folder, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        plan.Run("status").ShouldExitWith(0);
        Directory.EnumerateFiles(plan.Folder, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.GetLastWriteTimeUtc).ShouldBe(before, ignoreOrder: true);
    }
}
