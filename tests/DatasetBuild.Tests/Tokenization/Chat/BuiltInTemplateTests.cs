using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Tests.Tokenization.Chat;

/// <summary>The templates that need no file, and how records of every kind come into them.</summary>
public sealed class BuiltInTemplateTests
{
    public static TheoryData<string> Names => [.. ChatTemplate.BuiltInNames];

    [Theory]
    [InlineData("ChatML", "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n")]
    [InlineData("Llama2", "<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nHi [/INST] Ho </s>")]
    [InlineData("Llama3", "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHo<|eot_id|>")]
    [InlineData("Alpaca", "Be kind.\n\n### Instruction:\nHi\n\n### Response:Ho")]
    [InlineData("Vicuna", "Be kind. USER: Hi ASSISTANT: Ho</s>")]
    [InlineData("Zephyr", "<|system|>\nBe kind.</s>\n<|user|>\nHi</s>\n<|assistant|>\nHo</s>\n")]
    [InlineData("Plain", "Be kind.\nHi\nHo")]
    public void A_built_in_template_writes_what_its_name_is_known_for(string name, string expected) =>
        ChatTemplate.BuiltIn(name).Render(Conversations.Of("system: Be kind.", "user: Hi", "assistant: Ho")).ShouldBe(expected);

    [Fact]
    public void Alpaca_keeps_instruction_and_input_apart()
    {
        ChatTemplate.BuiltIn("alpaca").Render(Conversations.Canonical("""{"instruction":"Add.","input":"1 1","output":"2"}""")).ShouldBe(
            "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Input:\n1 1\n\n### Response:2");
        ChatTemplate.BuiltIn("Alpaca").Render(Conversations.Canonical("""{"instruction":"Go.","input":"","output":"2"}""")).ShouldBe(
            "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\nGo.\n\n### Response:2");
        ChatTemplate.BuiltIn("ChatML").Render(Conversations.Canonical("""{"instruction":"Add.","input":"1 1","output":"2"}""")).ShouldContain("Add.\n1 1<|im_end|>");
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\": 1.0}"}}]},{"role":"tool","tool_call_id":"c1","content":"r"},{"role":"assistant","content":"b"}],"tools":[{"type":"function","function":{"name":"f"}}]}""")]
    [InlineData("""{"conversations":[{"from":"human","value":"a"},{"from":"function_call","value":"{\"name\":\"f\",\"arguments\":{\"x\":1.0}}"},{"from":"observation","value":"r"},{"from":"gpt","value":"b"}],"tools":"[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"}""")]
    public void Calls_are_one_thing_however_a_record_writes_them(string record)
    {
        var template = Conversations.Template("{{ tools }}{% for m in messages %}\n{{ m.role }} {{ m.content }} {{ m.tool_calls }}{% endfor %}");

        var text = template.Render(Conversations.Canonical(record));

        text.ShouldStartWith("[{'type': 'function', 'function': {'name': 'f'}}]");
        text.ShouldContain("assistant None [{'type': 'function', ");
        text.ShouldContain("'function': {'name': 'f', 'arguments': {'x': 1.0}}}]");
        text.ShouldContain("tool r ");
    }

    [Fact]
    public void Reasoning_names_and_documents_come_through()
    {
        Conversations.Template("{% for m in messages %}{{ m.name }}/{{ m.reasoning_content }}/{{ m.content }};{% endfor %}")
            .Render(Conversations.Canonical("""{"messages":[{"role":"user","name":"Ann","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","reasoning_content":"hm","content":"c"}]}"""))
            .ShouldBe("Ann//a\nb;/hm/c;");
        ChatTemplate.BuiltIn("ChatML").Render(Conversations.Canonical("""{"text":"<|im_start|> as it is"}""")).ShouldBe("<|im_start|> as it is");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Records_of_every_dialect_are_rendered_and_masked(string name)
    {
        foreach (var path in Directory.GetFiles(SharedData.Path("pools", "dialects")).Where(path => !path.EndsWith(".md", StringComparison.Ordinal)))
        {
            Check(ChatTemplate.BuiltIn(name), path, most: 50);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Real_records_are_rendered_and_masked(string name)
    {
        foreach (var (path, number) in Directory.GetFiles(SharedData.Path("pools", "t0")).Order(StringComparer.Ordinal).Select((path, number) => (path, number)).Where(pair => pair.number % 12 == 0))
        {
            Check(ChatTemplate.BuiltIn(name), path, most: 20);
        }
    }

    private static void Check(ChatTemplate template, string path, int most)
    {
        var index = ShardIndexer.Read(path, ShapeOptions.Detect, 64 << 20, null, CancellationToken.None, maxInvalid: int.MaxValue).Index;
        using var fetcher = new RecordFetcher(path, index.IsGzip);
        using var parser = new ConversationParser(ShapeOptions.Detect);
        for (var i = 0; i < Math.Min(most, index.Count); i++)
        {
            var json = fetcher.Fetch(index.Offsets[i], index.Lengths[i]);
            parser.Parse(json);
            var canonical = parser.Canonical(json, index.Instances[i]).ToArray();
            var (encoded, missing) = template.Encode(canonical);
            missing.ShouldBeOneOf(null, MissingReason.RawText, MissingReason.NoAssistantTurn, MissingReason.EmptyResponse, MissingReason.NoSupervisedToken);
            if (missing is null)
            {
                encoded.Text.ShouldBe(template.Render(canonical));
                encoded.Supervised().ShouldNotBeEmpty();
            }
        }
    }
}
