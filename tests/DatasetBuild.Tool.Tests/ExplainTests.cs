using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class ExplainTests
{
    [Fact]
    public void A_kept_record_passed_every_stage_with_its_scores()
    {
        using var plan = Samples.TwoShards();
        var record = plan.Run("explain", "data/a.jsonl:4", "--json").ShouldExitWith(0).Json[0];
        record.GetProperty("verdict").GetString().ShouldBe("kept");
        record.GetProperty("droppedBy").GetString().ShouldBeNull();
        record.GetProperty("key").GetString()!.Length.ShouldBe(32);
        record.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("verdict").GetString()).ShouldAllBe(verdict => verdict == "passed");
        record.GetProperty("stages")[1].GetProperty("score").GetDouble().ShouldBe(4);
        record.GetProperty("stages")[1].GetProperty("unit").GetString().ShouldBe("word");
        record.GetProperty("stages")[1].GetProperty("limit").GetProperty("Min").GetString().ShouldBe("2");
    }

    [Fact]
    public void A_record_outside_a_range_names_the_stage_its_score_and_the_limit()
    {
        using var plan = Samples.TwoShards();
        var output = plan.Run("explain", "data/b.jsonl:1").ShouldExitWith(0).Output;
        output.ShouldContain("data/b.jsonl:1  dropped by Short: below Min");
        output.ShouldMatch(@"Short\s+1 word\s+Min 2\s+dropped: below Min");
        output.ShouldMatch(@"Rated\s.*not reached");
    }

    [Fact]
    public void A_record_behind_the_cut_is_shown_the_last_value_that_stayed()
    {
        using var plan = Samples.TwoShards();
        var stage = plan.Run("explain", "data/a.jsonl:2", "--json").ShouldExitWith(0).Json[0].GetProperty("stages")[2];
        stage.GetProperty("score").GetDouble().ShouldBe(1);
        stage.GetProperty("reason").GetString().ShouldBe("behind Keep");
        stage.GetProperty("limit").GetProperty("kept").GetInt32().ShouldBe(3);
        stage.GetProperty("limit").GetProperty("withValue").GetInt32().ShouldBe(6);
        stage.GetProperty("limit").GetProperty("lastKept").GetDouble().ShouldBe(2);
    }

    [Fact]
    public void A_dropped_duplicate_names_the_twin_that_survives()
    {
        using var plan = Samples.TwoShards();
        var duplicate = plan.Run("explain", "data/b.jsonl:5", "--json").ShouldExitWith(0).Json[0];
        duplicate.GetProperty("droppedBy").GetString().ShouldBe("Duplicates");
        duplicate.GetProperty("twin").GetProperty("place").GetString().ShouldBe("data/a.jsonl:5");
        duplicate.GetProperty("twin").GetProperty("key").GetString().ShouldBe(duplicate.GetProperty("key").GetString());
        plan.Run("explain", "data/b.jsonl:5").Output.ShouldContain("the same as data/a.jsonl:5, which is kept");
    }

    [Fact]
    public void A_twin_that_a_later_stage_dropped_is_said_to_be_dropped()
    {
        using var plan = Samples.TwoShards().Stage("NotTooLong", ("Kind", "TokenLength"), ("Part", "Response"), ("Counter", "Words"), ("Max", "4"));
        plan.Run("explain", "data/b.jsonl:5").Output.ShouldContain("the same as data/a.jsonl:5, which NotTooLong dropped later: above Max");
    }

    [Fact]
    public void A_record_is_measured_against_the_cut_of_its_own_group()
    {
        using var plan = new SamplePlan()
            .Shard("a.jsonl", Enumerable.Range(1, 4).Select(i => Messages.Chat($"Q{i}", "yes", ("quality", i), ("language", "en"))))
            .Shard("b.jsonl", Enumerable.Range(5, 4).Select(i => Messages.Chat($"Q{i}", "ja", ("quality", i), ("language", "de"))))
            .Stage("Rated", ("Kind", "Column"), ("Field", "quality"), ("Keep", "50%"), ("GroupBy", "language"));
        plan.Run("explain", "a.jsonl:1").Output.ShouldContain("Keep 50%: 2 of 4 stay in the group 'en', the last with 3");
        plan.Run("explain", "b.jsonl:1").Output.ShouldContain("Keep 50%: 2 of 4 stay in the group 'de', the last with 7");
    }

    [Fact]
    public void A_record_that_stands_in_an_evaluation_set_names_the_item_and_the_words()
    {
        using var plan = Samples.TwoShards().Evaluation("eval/test.jsonl", "Something else", "Say lake 4 times!").Stage("Clean", ("Kind", "Decontaminate"), ("Action", "Mark"));
        var output = plan.Run("explain", "data/b.jsonl:4").ShouldExitWith(0).Output;
        output.ShouldContain("Clean: shares 4 words with the evaluation item eval/test.jsonl:2: say lake 4 times\n{\"question\":\"Say lake 4 times!\"}");
        output.ShouldMatch(@"Clean\s+4\s+Action Mark\s+marked");

        var evaluation = plan.Run("explain", "data/b.jsonl:4", "--json").Json[0].GetProperty("stages")[3].GetProperty("evaluation");
        evaluation.GetProperty("item").GetString().ShouldBe("eval/test.jsonl:2");
        evaluation.GetProperty("words").GetString().ShouldBe("say lake 4 times");
        evaluation.GetProperty("text").GetString().ShouldBe("{\"question\":\"Say lake 4 times!\"}");
    }

    [Fact]
    public void A_survivor_names_the_records_that_it_stands_for()
    {
        using var plan = Samples.TwoShards();
        plan.Run("explain", "data/a.jsonl:5").ShouldExitWith(0).Output.ShouldContain("stands for data/b.jsonl:5");
    }

    [Fact]
    public void A_record_without_a_score_is_told_why()
    {
        using var plan = Samples.TwoShards();
        var output = plan.Run("explain", "data/b.jsonl:3").ShouldExitWith(0).Output;
        output.ShouldContain("dropped by Rated: field absent");
    }

    [Fact]
    public void A_key_finds_all_records_that_have_it()
    {
        using var plan = Samples.TwoShards();
        var key = plan.Run("explain", "data/a.jsonl:5", "--json").Json[0].GetProperty("key").GetString()!;
        plan.Run("explain", key, "--json").ShouldExitWith(0).Json.EnumerateArray()
            .Select(record => $"{record.GetProperty("shard")}:{record.GetProperty("line")}").ShouldBe(["data/a.jsonl:5", "data/b.jsonl:5"]);
    }

    [Fact]
    public void A_piece_of_text_finds_the_records_that_hold_it_however_the_file_writes_it()
    {
        using var plan = new SamplePlan()
            .Shard("a.jsonl", """{"prompt":"Gr\u00fc\u00dfe aus \"Ulm\"","completion":"Danke!"}""", """{"prompt":"Hi","completion":"Grüße aus \"Ulm\""}""", Samples.Record("tree", 2));
        plan.Run("explain", "Grüße aus \"Ulm\"", "--json").ShouldExitWith(0).Json.GetArrayLength().ShouldBe(2);
        plan.Run("explain", "--text", "trees", "--json").ShouldExitWith(1).Json.GetProperty("errors").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public void At_most_twenty_matches_are_explained_and_their_number_is_told()
    {
        using var plan = new SamplePlan().Shard("a.jsonl", Enumerable.Range(1, 30).Select(words => Samples.Record("sea", words)));
        var output = plan.Run("explain", "sea", "--json").ShouldExitWith(0);
        output.Json.GetArrayLength().ShouldBe(20);
        output.Error.ShouldContain("30 records match");
    }

    [Fact]
    public void A_shard_that_is_not_there_is_told_with_the_one_that_was_meant()
    {
        using var plan = Samples.TwoShards();
        plan.Run("explain", "data/aa.jsonl:1").ShouldExitWith(1).Error.ShouldContain("no shard is named 'data/aa.jsonl' (did you mean data/a.jsonl?)");
        plan.Run("explain", "half past 12:30").ShouldExitWith(1).Error.ShouldNotContain("shard is named");
    }

    [Theory]
    [InlineData("data/a.jsonl:6")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("no such words")]
    public void A_record_that_is_not_there_is_an_error(string record)
    {
        using var plan = Samples.TwoShards();
        plan.Run("explain", record).ShouldExitWith(1).Error.ShouldContain("no record matches");
        var answer = plan.Run("explain", record, "--json").ShouldExitWith(1).Json;
        (answer.GetProperty("exitCode").GetInt32(), answer.GetProperty("errors")[0].GetProperty("code").GetString()).ShouldBe((1, "DSB2071"));
    }

    [Fact]
    public void A_line_in_the_middle_of_a_record_that_is_written_over_several_finds_it()
    {
        using var plan = new SamplePlan().Shard("a.json", "[", "  {", "    \"prompt\": \"One?\",", "    \"completion\": \"Two.\"", "  }", "]");
        plan.Run("explain", "a.json:4", "--json").ShouldExitWith(0).Json[0].GetProperty("line").GetInt32().ShouldBe(2);
        plan.Run("explain", "a.json:6").ShouldExitWith(1);
    }

    [Fact]
    public void Control_characters_of_the_data_are_shown_and_not_obeyed()
    {
        using var plan = new SamplePlan().Shard("a.jsonl", Messages.Chat("Red?", "x") .Replace("Red?", "\u009b31mRed?\u202e", StringComparison.Ordinal));
        var output = plan.Run("explain", "a.jsonl:1").ShouldExitWith(0).Output;
        output.ShouldContain(@"\u009b31mRed?\u202e");
        output.ShouldNotContain('\u009b');
    }
}
