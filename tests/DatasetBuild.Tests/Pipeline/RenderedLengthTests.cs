using System.Globalization;
using DatasetBuild.Pipeline;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Length in tokens as training sees it: of the rendered conversation.</summary>
public sealed class RenderedLengthTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Record", "<|user|>\nHi</s>\n<|assistant|>\nHo</s>\n")]
    [InlineData("Response", "Ho</s>")]
    [InlineData("LastResponse", "Ho</s>")]
    [InlineData("Prompt", "<|user|>\nHi</s>\n<|assistant|>\n\n")]
    public void The_length_of_a_part_counts_what_the_template_puts_around_it(string part, string counted)
    {
        // The tokens of this tokenizer are bytes.
        foreach (var (limit, kept) in new[] { (counted.Length, 1), (counted.Length - 1, 0) })
        {
            var project = Project(limit, ("ChatTemplate", "zephyr"), ("Part", part));
            project.Shard("data/a.jsonl", """{"prompt":"Hi","completion":"Ho"}""");

            project.Build()["Length"].Kept.ShouldBe(kept);
        }
    }

    [Fact]
    public void The_template_of_a_folder_and_its_special_tokens_are_part_of_the_identity()
    {
        var project = Project(30, ("ChatTemplate", "model"));
        project.Shard("data/a.jsonl", """{"prompt":"Hi","completion":"Ho"}""");
        project.Write("model/chat_template.jinja", "{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}");
        project.Build()["Length"].Scored.ShouldBe(1);
        project.Build()["Length"].Scored.ShouldBe(0);

        project.Write("model/tokenizer_config.json", """{"eos_token":"<a very long token at the end>"}""");
        var changed = project.Build();

        (changed["Length"].Scored, changed["Length"].Kept).ShouldBe((1, 0));
    }

    [Fact]
    public void A_build_is_current_until_a_file_appears_that_would_have_counted()
    {
        var project = Project(30, ("ChatTemplate", "model"));
        project.Shard("data/a.jsonl", """{"prompt":"Hi","completion":"Ho"}""");
        project.Write("model/chat_template.jinja", "{% for m in messages %}{{ m.content }}{% endfor %}");
        foreach (var name in (string[])["data/a.jsonl", "model/chat_template.jinja", "one.json"])
        {
            IncrementalTests.WaitUntilStampIsOld(Path.Combine(project.Root, name));
        }

        project.Build();
        project.UpToDate().ShouldNotBeNull();

        project.Write("model/tokenizer_config.json", "{}");

        project.UpToDate().ShouldBeNull();
    }

    [Fact]
    public void A_template_that_fails_on_a_record_stops_the_build_and_names_the_record()
    {
        var project = Project(30, ("ChatTemplate", "model/chat_template.jinja"));
        var path = project.Shard("data/a.jsonl", """{"prompt":"Hi","completion":"Ho"}""", """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f","arguments":{}}}]}]}""");
        project.Write("model/chat_template.jinja", "{% for m in messages %}\n{{ m.content + '' }}{% endfor %}");

        var failure = project.Fails();

        (failure.Code, failure.File, failure.Line).ShouldBe((ChatErrors.Failed, path, 2));
        failure.Message.ShouldContain("chat_template.jinja, line 2");
    }

    [Fact]
    public void A_record_that_the_template_refuses_is_missing_with_that_reason()
    {
        var project = Project(100, ("ChatTemplate", "t.jinja"));
        project.Shard("data/a.jsonl", """{"prompt":"Hi","completion":"Ho"}""", """{"prompt":"bad","completion":"Ho"}""");
        project.Write("t.jinja", "{% if messages[0].content == 'bad' %}{{ raise_exception('no') }}{% endif %}{{ messages[0].content }}");

        var stage = project.Build()["Length"];

        (stage.Kept, stage.Missing).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData("ChatTemplate", "ChatML", "Counter", "Bytes")]
    public void Two_things_that_say_what_is_counted_contradict_each_other(string one, string value, string other, string otherValue)
    {
        var project = Project(1, (one, value), (other, otherValue));
        project.Shard("data/a.jsonl", """{"prompt":"Hi","completion":"Ho"}""");

        project.Fails().Code.ShouldBe(ProjectCodes.Contradiction);
    }

    [Theory]
    [InlineData("DatasetDate", "2026-02-30")]
    [InlineData("DatasetMaxLength", "0")]
    public void A_property_that_cannot_be_used_is_an_error(string name, string value)
    {
        var project = Project(1);
        project.Properties[name] = value;
        project.Shard("data/a.jsonl", """{"prompt":"Hi","completion":"Ho"}""");

        project.Fails().Code.ShouldBe(ProjectCodes.InvalidValue);
    }

    private TestProject Project(int max, params (string Name, string Value)[] parameters)
    {
        var project = new TestProject(folder.At(Guid.NewGuid().ToString("N")), folder.At("cache"));
        project.Write("one.json", TinyTokenizer.Json());
        project.Properties["DatasetTokenizer"] = "one.json";
        return project.Stage("Length", [("Kind", "TokenLength"), ("Max", max.ToString(CultureInfo.InvariantCulture)), .. parameters]);
    }
}
