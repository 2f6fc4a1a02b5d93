using DatasetBuild.Records;

namespace DatasetBuild.Tests.Records;

/// <summary>How each of the published files is read.</summary>
public sealed class DialectTableTests
{
    [Theory]
    [InlineData("dialects", "alpaca_en_demo.json", Dialect.Alpaca, 999)]
    [InlineData("dialects", "alpaca_zh_demo.json", Dialect.Alpaca, 1000)]
    [InlineData("dialects", "c4_demo.jsonl", Dialect.Text, 300)]
    [InlineData("dialects", "glaive_toolcall_en_demo.json", Dialect.ShareGpt, 300)]
    [InlineData("dialects", "gpteacher_roleplay.json", Dialect.Alpaca, 1923)]
    [InlineData("dialects", "identity.json", Dialect.Alpaca, 91)]
    [InlineData("dialects", "reason_tool_use_demo_50.jsonl", Dialect.Messages, 50)]
    [InlineData("dialects", "self_instruct_seed_tasks.jsonl", Dialect.SelfInstruct, 175)]
    [InlineData("dialects", "sharegpt_dummy_conversation.json", Dialect.ShareGpt, 500)]
    [InlineData("dialects", "v1_sft_demo.jsonl", Dialect.Messages, 500)]
    [InlineData("gsm8k", "test.jsonl", Dialect.QuestionAnswer, 1319)]
    [InlineData("gsm8k", "test_socratic.jsonl", Dialect.QuestionAnswer, 1319)]
    [InlineData("gsm8k", "train.jsonl", Dialect.QuestionAnswer, 7473)]
    public void A_file_of_demonstrations_is_read(string folder, string file, Dialect dialect, int records)
    {
        var index = Reading.OfFile(SharedData.Path("pools", folder, file));

        index.Invalid.ShouldBeEmpty();
        index.Count.ShouldBe(records);
        index.Dialects.ShouldAllBe(found => found == dialect);
    }

    [Theory]
    [InlineData("dialects", "dataset_info.json", DataCodes.ConfigurationFile, 1)]
    [InlineData("dialects", "dpo_en_demo.json", DataCodes.PreferenceData, 300)]
    [InlineData("dialects", "kto_en_demo.json", DataCodes.PreferenceData, 300)]
    [InlineData("gsm8k", "example_model_solutions.jsonl", DataCodes.UnknownDialect, 1001)]
    public void A_file_of_something_else_is_refused_by_name(string folder, string file, string code, int refusals)
    {
        var index = Reading.OfFile(SharedData.Path("pools", folder, file));

        index.Count.ShouldBe(0);
        index.Invalid.Count.ShouldBe(refusals);
        index.Invalid.Take(1000).ShouldAllBe(error => error.Code == code);
    }

    [Fact]
    public void Pairs_of_a_packed_file_are_refused_by_name()
    {
        var index = Reading.OfFile(SharedData.Path("pools", "dialects", "harmless-base-test.jsonl.gz"));

        index.IsGzip.ShouldBeTrue();
        index.Count.ShouldBe(0);
        index.Invalid.Take(1000).ShouldAllBe(error => error.Code == DataCodes.PreferenceData);
    }
}
