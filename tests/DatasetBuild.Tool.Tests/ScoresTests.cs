using System.Text.Json;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class ScoresTests
{
    [Fact]
    public void Redirected_they_are_csv_with_a_row_a_record_and_a_column_a_stage()
    {
        using var plan = Samples.TwoShards();
        var lines = plan.Run("scores").ShouldExitWith(0).Lines;
        lines[0].ShouldBe("shard,line,key,verdict,droppedBy,reason,twin,Duplicates,Short,Rated");
        lines.Length.ShouldBe(11);
        lines[1].ShouldMatch("^data/a.jsonl,1,[0-9a-f]{32},dropped,Short,below Min,,,1,$");
        lines[4].ShouldMatch("^data/a.jsonl,4,[0-9a-f]{32},kept,,,,,4,2$");
        lines[8].ShouldMatch("^data/b.jsonl,3,[0-9a-f]{32},dropped,Rated,field absent,,,3,field absent$");
        lines[10].ShouldMatch("^data/b.jsonl,5,[0-9a-f]{32},dropped,Duplicates,duplicate,data/a.jsonl:5,,,$");
    }

    [Fact]
    public void As_json_they_are_an_array_of_records()
    {
        using var plan = Samples.TwoShards();
        var records = plan.Run("scores", "--json").ShouldExitWith(0).Json;
        records.GetArrayLength().ShouldBe(10);
        var kept = records[3];
        kept.GetProperty("verdict").GetString().ShouldBe("kept");
        kept.GetProperty("scores").GetProperty("Rated").GetDouble().ShouldBe(2);
        kept.GetProperty("scores").GetProperty("Duplicates").ValueKind.ShouldBe(JsonValueKind.Null);
        records[7].GetProperty("missing").GetProperty("Rated").GetString().ShouldBe("field absent");
        records[9].GetProperty("twin").GetString().ShouldBe("data/a.jsonl:5");
    }

    [Fact]
    public void Evaluation_items_stand_behind_the_scores()
    {
        using var plan = Samples.TwoShards().Evaluation("eval/test.jsonl", "Say lake 4 times!").Stage("Clean", ("Kind", "Decontaminate"));
        var lines = plan.Run("scores").ShouldExitWith(0).Lines;
        lines[0].ShouldBe("shard,line,key,verdict,droppedBy,reason,twin,Duplicates,Short,Rated,Clean,Clean item,Clean words");
        lines[4].ShouldMatch("^data/a.jsonl,4,[0-9a-f]{32},kept,,,,,4,2,0,,$");
        lines[9].ShouldMatch("^data/b.jsonl,4,[0-9a-f]{32},dropped,Clean,contaminated,,,4,4,4,eval/test.jsonl:1,say lake 4 times$");

        var records = plan.Run("scores", "--json").ShouldExitWith(0).Json;
        records[8].GetProperty("evaluation").GetProperty("Clean").GetProperty("item").GetString().ShouldBe("eval/test.jsonl:1");
        records[3].GetProperty("evaluation").EnumerateObject().ShouldBeEmpty();
        plan.Run("stats").ShouldExitWith(0).Output.ShouldContain("1 contaminated");
    }

    [Fact]
    public void Names_with_commas_and_quotes_are_quoted()
    {
        using var plan = new SamplePlan().Shard("a, \"b\".jsonl", Samples.Record("hill", 3));
        plan.Run("scores").ShouldExitWith(0).Lines[1].ShouldStartWith("\"a, \"\"b\"\".jsonl\",1,");
    }

    [Fact]
    public void Csv_and_json_at_once_are_a_mistake() => DatasetTool.Run("scores", "--csv", "--json").ShouldExitWith(2);

    [Fact]
    public void Statistics_have_the_quantiles_of_what_entered_and_of_what_stayed()
    {
        using var plan = Samples.TwoShards();
        var stages = plan.Run("stats", "--json").ShouldExitWith(0).Json.GetProperty("stages");
        var lengths = stages[1].GetProperty("enteredScores");
        lengths.GetProperty("count").GetInt32().ShouldBe(9);
        lengths.GetProperty("min").GetDouble().ShouldBe(1);
        lengths.GetProperty("p50").GetDouble().ShouldBe(3);
        lengths.GetProperty("p75").GetDouble().ShouldBe(4);
        lengths.GetProperty("max").GetDouble().ShouldBe(5);
        lengths.GetProperty("mean").GetDouble().ShouldBe(25 / 9.0, 1e-12);
        stages[1].GetProperty("keptScores").GetProperty("min").GetDouble().ShouldBe(2);
        stages[1].GetProperty("reasons").GetProperty("below Min").GetInt32().ShouldBe(2);
        stages[0].GetProperty("enteredScores").ValueKind.ShouldBe(JsonValueKind.Null);
    }
}
