using System.IO.Compression;
using DatasetBuild.Tests;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class CheckTests
{
    [Theory]
    [InlineData("alpaca_en_demo.json", "Alpaca", "array", "output")]
    [InlineData("c4_demo.jsonl", "Text", "lines", "text")]
    [InlineData("glaive_toolcall_en_demo.json", "ShareGpt", "array", "conversations")]
    [InlineData("gpteacher_roleplay.json", "Alpaca", "array", "response")]
    [InlineData("reason_tool_use_demo_50.jsonl", "Messages", "lines", "messages")]
    [InlineData("self_instruct_seed_tasks.jsonl", "SelfInstruct", "lines", "instances")]
    public void A_published_file_has_its_dialect_and_the_fields_that_tell_it(string file, string dialect, string container, string field)
    {
        var shard = DatasetTool.Run("check", SharedData.Path("pools", "dialects", file), "--json").ShouldExitWith(0).Json[0];
        shard.GetProperty("container").GetString().ShouldBe(container);
        shard.GetProperty("dialects").GetArrayLength().ShouldBe(1);
        shard.GetProperty("dialects")[0].GetProperty("dialect").GetString().ShouldBe(dialect);
        shard.GetProperty("dialects")[0].GetProperty("fields").EnumerateArray().Select(name => name.GetString()).ShouldContain(field);
    }

    [Theory]
    [InlineData("dpo_en_demo.json", "DSB1005")]
    [InlineData("kto_en_demo.json", "DSB1005")]
    [InlineData("dataset_info.json", "DSB1006")]
    public void A_file_that_is_no_demonstration_is_refused_by_name(string file, string code) =>
        DatasetTool.Run("check", SharedData.Path("pools", "dialects", file)).ShouldExitWith(1).Output.ShouldContain($"error {code}: ");

    [Fact]
    public void Records_that_no_schema_holds_together_are_an_error_of_the_project()
    {
        using var plan = new SamplePlan().Shard("data/a.jsonl", """{"text":"raw"}""").Shard("data/b.jsonl", Samples.Record("oak", 1));
        var checkedProject = plan.Run("check").ShouldExitWith(1);
        (checkedProject.Output + checkedProject.Error).ShouldContain("error DSB1023: the shards hold both raw text and conversations");
        (checkedProject.Output + checkedProject.Error).ShouldContain("2 records in 2 shards, 1 error.");

        DatasetTool.Run("check", plan.PathOf("data/a.jsonl"), plan.PathOf("data/b.jsonl")).ShouldExitWith(0); // files need not go into one subset
    }

    [Fact]
    public void Every_error_has_its_place_however_many_there_are()
    {
        using var plan = new SamplePlan().Shard("bad.jsonl", [.. Enumerable.Repeat("""{"prompt":"?"}""", 1200), Samples.Record("oak", 1), """{"prompt": oops}"""]);
        var output = DatasetTool.Run("check", plan.PathOf("bad.jsonl")).ShouldExitWith(1);
        output.Lines.Count(line => line.Contains("error DSB1003", StringComparison.Ordinal)).ShouldBe(1200);
        output.Output.ShouldContain("bad.jsonl(1200,1): error DSB1003");
        output.Output.ShouldContain("bad.jsonl(1202,12): error DSB1001");

        var shard = DatasetTool.Run("check", plan.PathOf("bad.jsonl"), "--json").ShouldExitWith(1).Json[0];
        shard.GetProperty("records").GetInt32().ShouldBe(1);
        shard.GetProperty("errors").GetArrayLength().ShouldBe(1201);
    }

    [Fact]
    public void A_packed_file_of_two_dialects_counts_both()
    {
        using var plan = new SamplePlan();
        using (var packed = new StreamWriter(new GZipStream(File.Create(plan.PathOf("mixed.jsonl")), CompressionLevel.Fastest)))
        {
            packed.WriteLine(Samples.Record("elm", 1));
            packed.WriteLine("""{"question":"?","answer":"!"}""");
            packed.WriteLine(Samples.Record("elm", 2));
        }

        var shard = DatasetTool.Run("check", plan.PathOf("mixed.jsonl"), "--json").ShouldExitWith(0).Json[0];
        shard.GetProperty("gzip").GetBoolean().ShouldBeTrue();
        shard.GetProperty("dialects").EnumerateArray().Select(use => $"{use.GetProperty("dialect")} {use.GetProperty("records")}").ShouldBe(["Messages 2", "QuestionAnswer 1"]);
    }

    [Fact]
    public void The_shards_of_a_project_are_checked_with_what_it_declares()
    {
        using var plan = Samples.TwoShards().Property("DatasetMaxRecordBytes", "20");
        plan.Run("check").ShouldExitWith(1).Output.ShouldContain("DSB1010");
    }

    [Fact]
    public void A_mistake_in_the_project_is_one_of_the_command() =>
        RunWithMistake().ShouldExitWith(2).Error.ShouldContain("Did you mean TokenLength?");

    [Fact]
    public void A_file_that_is_not_there_is_an_error() => DatasetTool.Run("check", "nowhere.jsonl").ShouldExitWith(1).Output.ShouldContain("nowhere.jsonl: error DSB1013");

    private static ToolOutput RunWithMistake()
    {
        using var plan = new SamplePlan().Shard("a.jsonl", Samples.Record("fir", 1)).Stage("Short", ("Kind", "TokenLenght"));
        return plan.Run("check");
    }
}
