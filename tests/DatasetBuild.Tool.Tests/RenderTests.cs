using System.Text.Json;
using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;
using SharedData = DatasetBuild.Tests.SharedData;

namespace DatasetBuild.Tool.Tests;

public sealed class RenderTests
{
    private static readonly string Example = Path.Combine(Built.Repository, "examples", "chat-templates");

    [Theory]
    [InlineData("llama-3.1")]
    [InlineData("gemma-2")]
    public void Cases_give_the_text_of_the_reference_or_the_message_of_the_template(string name)
    {
        var folder = SharedData.Path("templates", name);
        var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json"))).RootElement;
        var answers = DatasetTool.Run("render", "--template", Path.Combine(folder, "template.jinja"), "--cases", Path.Combine(folder, "cases.json"), "--json").ShouldExitWith(1).Json;
        answers.GetArrayLength().ShouldBe(cases.GetArrayLength());
        foreach (var (expected, answer) in cases.EnumerateArray().Zip(answers.EnumerateArray()))
        {
            if (expected.TryGetProperty("rendered", out var rendered))
            {
                answer.GetProperty("rendered").GetString().ShouldBe(rendered.GetString());
            }
            else if (expected.GetProperty("error_kind").GetString() == "raise_exception")
            {
                answer.GetProperty("error").GetString().ShouldBe(expected.GetProperty("error").GetString());
            }
            else
            {
                answer.GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
            }
        }
    }

    [Fact]
    public void A_record_is_shown_with_its_tokens_and_what_is_supervised()
    {
        using var plan = Plan();

        var shown = plan.Run("render", "talk.jsonl:1").ShouldExitWith(0);
        shown.Output.ShouldContain("«O|s|l|o|.|<|end|>»");
        shown.Error.ShouldContain("40 tokens, 6 supervised");

        var answer = plan.Run("render", "talk.jsonl:1", "--json").ShouldExitWith(0).Json;
        answer.GetProperty("text").GetString().ShouldBe("<|begin|><|user|>What is the capital of Norway?<|end|><|assistant|>Oslo.<|end|>");
        answer.GetProperty("ids").GetArrayLength().ShouldBe(40);
        answer.GetProperty("mask").EnumerateArray().Select(mask => mask.GetInt32()).TakeLast(7).ShouldBe([0, 1, 1, 1, 1, 1, 1]);
        answer.GetProperty("offsets")[0].ToString().ShouldBe("[0,9]");
    }

    [Fact]
    public void A_record_can_be_looked_at_under_another_template()
    {
        using var plan = Plan();

        plan.Run("render", "talk.jsonl:1", "--template", "Plain", "--json").ShouldExitWith(0).Json.GetProperty("text").GetString().ShouldBe("What is the capital of Norway?\nOslo.<|end|>");
        plan.Run("render", "talk.jsonl:77").ShouldExitWith(2).Error.ShouldContain("no record on line 77");
        plan.Run("render", "tlak.jsonl:1").ShouldExitWith(2).Error.ShouldContain("talk.jsonl");
        plan.Run("render", "talk.jsonl:1", "--template", "Plian").ShouldExitWith(1).Error.ShouldContain("DSB3030");
    }

    [Fact]
    public void What_a_trainer_would_not_tell_is_counted_and_shown_with_its_place()
    {
        using var plan = Plan();
        plan.Property("DatasetMaxLength", "95");

        var check = plan.Run("check").ShouldExitWith(0).Output;
        check.ShouldContain("talk.jsonl(4,1): warning DSB1040");
        check.ShouldContain("talk.jsonl(5,1): warning DSB1046");
        check.ShouldContain("talk.jsonl(6,1): warning DSB1041");

        var trainer = plan.Run("check", "--json").ShouldExitWith(0).Json[0].GetProperty("trainer");
        trainer.EnumerateArray().Select(count => $"{count.GetProperty("code")} {count.GetProperty("records")}").ShouldBe(["DSB1040 1", "DSB1041 1", "DSB1046 1"]);
        JsonSerializer.Serialize(plan.Run("stats", "--json").ShouldExitWith(0).Json.GetProperty("trainer")).ShouldBe(JsonSerializer.Serialize(trainer));
        plan.Run("stats").ShouldExitWith(0).Output.ShouldContain("DSB1046");
    }

    private static SamplePlan Plan()
    {
        var plan = new SamplePlan();
        foreach (var file in Directory.GetFiles(Path.Combine(Example, "model")))
        {
            Directory.CreateDirectory(plan.PathOf("model"));
            File.Copy(file, plan.PathOf(Path.Combine("model", Path.GetFileName(file))));
        }

        return plan.Property("DatasetTokenizer", "model").Property("DatasetChatTemplate", "model").Shard("talk.jsonl", File.ReadAllLines(Path.Combine(Example, "data", "talk.jsonl")));
    }
}
