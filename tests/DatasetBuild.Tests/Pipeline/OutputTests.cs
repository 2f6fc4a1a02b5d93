using System.Text;
using System.Text.Json.Nodes;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>What is written: schemas, splits, files, quarantine, and the files beside the data.</summary>
public sealed class OutputTests : IDisposable
{
    private const string Chat = """{"id":1,"messages":[{"role":"system","content":"s\u0041"},{"role":"user","content":"ä\n\"😀"},{"role":"assistant","content":"b"}]}""";
    private const string Alpaca = """{"instruction":"i","input":"n","output":"o","q":1}""";
    private const string Question = """{"question":"q","answer":"a"}""";
    private const string Tools = """{"conversations":[{"from":"human","value":"h"},{"from":"function_call","value":"{}"}],"tools":"[{\"name\": \"f\"}]"}""";

    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public OutputTests() => project = new TestProject(folder.At("clone"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_empty_side_of_a_split_is_told()
    {
        project.Shard("a.jsonl", Question);
        project.Properties["DatasetValidationSplit"] = "1%";

        project.Build().Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DataCodes.EmptySplit);
    }

    [Fact]
    public void A_subset_that_is_too_large_for_the_page_cache_has_the_lines_of_its_shards()
    {
        var random = new Random(5);
        var lines = Enumerable.Range(0, 150).Select(i => $$"""{"prompt":"{{i}}","completion":"{{new string((char)('a' + (i % 26)), random.Next(1_000_000))}}"}""").ToList();
        project.Shard("a.jsonl", [.. lines[..70]]);
        project.Shard("b.jsonl", [.. lines[70..]]);

        project.Build().Result.Kept.ShouldBe(150);
        var written = project.Lines();
        written.SequenceEqual(lines).ShouldBeTrue();
        written.Sum(line => line.Length + 1L).ShouldBeGreaterThan(64 << 20);
    }

    [Fact]
    public void The_longest_of_names_have_their_verdicts()
    {
        var long1 = new string('ä', 124) + "1.jsonl";
        var long2 = new string('ä', 124) + "2.jsonl";
        project.Shard(long1, Question);
        project.Shard(long2, Alpaca);

        var verdicts = project.Build().Result!.Reports.Where(path => path.EndsWith(".csv", StringComparison.Ordinal)).ToList();

        verdicts.Distinct().Count().ShouldBe(2);
        verdicts.ShouldAllBe(path => File.ReadAllLines(path).Length == 2);
    }

    [Fact]
    public void One_dialect_is_written_as_it_stands()
    {
        project.Shard("data/a.jsonl", Encoding.UTF8.GetBytes($"\ufeff{Question}\r\n  {{\"question\" : \"r\",\r\t\"answer\":\"\\u0061\"}} \n\n{Question}"));

        project.Build();

        File.ReadAllText(Directory.GetFiles(Path.Combine(project.OutputPath, "train")).Single())
            .ShouldBe($"{Question}\n{{\"question\":\"r\",\"answer\":\"\\u0061\"}}\n{Question}\n");
    }

    [Fact]
    public void Elements_of_a_pretty_array_become_lines()
    {
        project.Shard("data/a.json", Encoding.UTF8.GetBytes("[\n  {\n    \"question\": \"a  b\",\n    \"answer\": \"\\n\"\n  }\n]\n"));

        project.Build();

        project.Lines().ShouldBe(["""{"question":"a  b","answer":"\n"}"""]);
    }

    [Fact]
    public void Mixed_dialects_become_messages_with_the_same_fields_on_every_line()
    {
        project.Shard("data/a.jsonl", Chat);
        project.Shard("data/b.jsonl", Alpaca, Question);
        project.Shard("data/c.jsonl", Tools);

        project.Build();

        ((string)project.Manifest()["schema"]!).ShouldBe("Messages");
        var lines = project.Lines().ConvertAll(line => JsonNode.Parse(line)!);
        lines.Count.ShouldBe(4);
        lines.ShouldAllBe(line => line.AsObject().Select(pair => pair.Key).SequenceEqual(new[] { "messages", "tools" }));
        lines.SelectMany(line => line["messages"]!.AsArray()).ShouldAllBe(message =>
            message!.AsObject().Select(pair => pair.Key).SequenceEqual(new[] { "role", "content", "reasoning_content", "tool_calls", "tool_call_id", "name", "loss_weight" }));
        Texts(lines[0]).ShouldBe(["system: sA", "user: ä\n\"😀", "assistant: b"]);
        Texts(lines[1]).ShouldBe(["user: i\nn", "assistant: o"]);
        ((string)lines[3]["tools"]!).ShouldBe("""[{"name":"f"}]""");
        ((string)lines[3]["messages"]![1]!["tool_calls"]!).ShouldBe("{}");
    }

    [Fact]
    public void Raw_text_and_conversations_do_not_mix_unless_that_is_said()
    {
        project.Shard("data/a.jsonl", Question);
        project.Shard("data/b.jsonl", """{"text":"t"}""");

        project.Fails().Code.ShouldBe(DataCodes.SchemaCannotHold);

        project.Properties["DatasetOutputSchema"] = "Source";
        project.Build();
        project.Lines().ShouldBe([Question, """{"text":"t"}"""]);
    }

    [Fact]
    public void Plain_exchanges_become_two_strings()
    {
        project.Shard("data/a.jsonl", Question, """{"question":"","answer":"\ud83d\ude00"}""");
        project.Properties["DatasetOutputSchema"] = "PromptCompletion";

        project.Build();

        project.Lines().ShouldBe(["""{"prompt":"q","completion":"a"}""", """{"prompt":"","completion":"😀"}"""], ignoreOrder: true);
    }

    [Fact]
    public void One_longer_conversation_makes_all_prompts_lists_of_messages()
    {
        project.Shard("data/a.jsonl", Question);
        project.Shard("data/b.jsonl", Chat);
        project.Properties["DatasetOutputSchema"] = "PromptCompletion";

        project.Build();

        var lines = project.Lines().ConvertAll(line => JsonNode.Parse(line)!);
        lines.ShouldAllBe(line => line["prompt"] is JsonArray && line["completion"]!.AsArray().Count == 1);
        lines.Max(line => line["prompt"]!.AsArray().Count).ShouldBe(2);
    }

    [Fact]
    public void A_conversation_without_a_completion_is_located()
    {
        project.Shard("data/a.jsonl", Question, "", """{"messages":[{"role":"user","content":"u"}]}""");
        project.Properties["DatasetOutputSchema"] = "PromptCompletion";

        var error = project.Fails();

        (error.Code, error.Line).ShouldBe((DataCodes.SchemaCannotHold, 3));
        error.Message.ShouldContain("Part=\"Response\"");
    }

    [Fact]
    public void Written_messages_have_the_keys_of_what_they_were_written_from()
    {
        string[] records = [Chat, Question, """{"messages":[{"role":"user","name":"n","content":"u"},{"role":"assistant","content":"a","reasoning_content":"r","loss_weight":0.5},{"role":"tool","tool_call_id":"7","content":""}],"tools":[{"n":[1, 2]}]}"""];
        project.Shard("data/a.jsonl", records);
        project.Properties["DatasetOutputSchema"] = "Messages";

        project.Build();

        project.Lines().Select(line => Reading(line)).ShouldBe(records.Select(Reading), ignoreOrder: true);

        static RecordKey Reading(string line) => Records.Reading.Key(line);
    }

    [Fact]
    public void Instances_of_one_line_are_written_one_by_one()
    {
        project.Shard("data/a.jsonl", """{"id":"t","instruction":"a","instances":[{"input":"1","output":"2"},{"input":"3","output":"4"}]}""");
        project.Stage("Column", ("Field", "id"), ("In", "t"));
        project.Stage("Keep", ("Kind", "Random"), ("Keep", "2"));

        project.Build();

        project.Lines().ShouldBe(
            ["""{"id":"t","instruction":"a","instances":[{"input":"1","output":"2"}]}""", """{"id":"t","instruction":"a","instances":[{"input":"3","output":"4"}]}"""], ignoreOrder: true);
    }

    [Theory]
    [InlineData("Hash")]
    [InlineData("Source")]
    public void A_validation_split_and_the_training_split_are_all_and_share_nothing(string order)
    {
        string[] records = [.. Enumerable.Range(0, 1000).Select(IncrementalTests.Record)];
        project.Shard("data/a.jsonl", records);
        project.Properties["DatasetValidationSplit"] = "10%";
        project.Properties["DatasetOutputShards"] = "3";
        project.Properties["DatasetOutputOrder"] = order;

        project.Build();

        var (train, validation) = (project.Lines(), project.Lines("validation"));
        train.Concat(validation).Order(StringComparer.Ordinal).ShouldBe(records.Order(StringComparer.Ordinal));
        validation.Count.ShouldBeInRange(60, 140);
        Directory.GetFiles(Path.Combine(project.OutputPath, "validation")).Select(Path.GetFileName).Order()
            .ShouldBe(["validation-00000-of-00003.jsonl", "validation-00001-of-00003.jsonl", "validation-00002-of-00003.jsonl"]);
        if (order == "Source")
        {
            train.ShouldBe(records.Where(train.Contains));
        }
    }

    [Fact]
    public void Equal_records_never_fall_into_both_splits()
    {
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 200).Select(i => IncrementalTests.Record(i % 100))]);
        project.Properties["DatasetValidationSplit"] = "50%";

        project.Build();

        project.Lines().Intersect(project.Lines("validation")).ShouldBeEmpty();
    }

    [Fact]
    public void Quarantine_sets_bad_records_aside_with_their_reasons()
    {
        project.Shard("data/a.jsonl", Question, "{\"question\":\"ä\" oops", """{"question":"only"}""", Alpaca.Replace("\"output\"", "\"answer\"", StringComparison.Ordinal));
        project.Shard("data/b.json.gz", Records.Reading.Gzip(Encoding.UTF8.GetBytes($"[{Question},\n {{\"messages\":[]}}]")));
        Should.Throw<BuildFailedException>(() => project.Build());

        project.Properties["DatasetOnInvalidRecord"] = "Quarantine";
        var build = project.Build();

        build.Result.Kept.ShouldBe(2);
        build.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DataCodes.Quarantined);
        var rows = File.ReadAllLines(Path.Combine(project.ReportPath, "quarantine.jsonl")).Select(line => JsonNode.Parse(line)!).ToList();
        rows.Select(row => ((string)row["shard"]!, (int)row["line"]!, (int)row["column"]!, (string)row["code"]!)).ShouldBe([
            ("data/a.jsonl", 2, 17, DataCodes.InvalidJson),
            ("data/a.jsonl", 3, 1, DataCodes.UnknownDialect),
            ("data/a.jsonl", 4, 1, DataCodes.UnknownDialect),
            ("data/b.json.gz", 2, 2, DataCodes.EmptyConversation),
        ]);
        ((string)rows[0]["text"]!).ShouldBe("{\"question\":\"ä\" oops");
        ((int)project.Manifest()["inputs"]![0]!["invalid"]!).ShouldBe(3);

        project.Shard("data/a.jsonl", Question);
        project.Shard("data/b.json.gz", Records.Reading.Gzip(Encoding.UTF8.GetBytes($"[{Question}]")));
        project.Build();
        File.Exists(Path.Combine(project.ReportPath, "quarantine.jsonl")).ShouldBeFalse();
    }

    [Fact]
    public void Invalid_records_are_reported_each_at_its_place_up_to_a_hundred()
    {
        project.Shard("data/a.jsonl", [.. Enumerable.Repeat("{}", 150)]);

        var (build, error) = project.TryBuild();

        error.ShouldNotBeNull();
        build!.Diagnostics.Count.ShouldBe(101);
        build.Diagnostics[99].Line.ShouldBe(100);
        build.Diagnostics[100].Message.ShouldContain("50 more");
    }

    [Fact]
    public void An_empty_pool_and_an_empty_subset_are_no_errors()
    {
        project.Shard("data/a.jsonl", "");
        project.Stage("ExactDedup");
        var nothing = project.Build();
        nothing.Result.Kept.ShouldBe(0);
        nothing.Diagnostics.Select(warning => warning.Code).ShouldBe([DataCodes.BlankShard, DataCodes.EmptyResult]);

        project.Shard("data/a.jsonl", ""u8.ToArray());
        nothing = project.Build();
        (nothing.Result.Kept, nothing.Diagnostics.ShouldHaveSingleItem().Code).ShouldBe((0, DataCodes.EmptyResult));

        project.Shard("data/a.jsonl", Question);
        project.Stage("TokenLength", ("Counter", "Bytes"), ("Min", "1000000"));
        var build = project.Build();

        build.Result.Kept.ShouldBe(0);
        build.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DataCodes.EmptyResult);
        project.Lines().ShouldBeEmpty();
    }

    [Fact]
    public void Files_of_another_number_of_shards_do_not_stay_behind_even_without_a_manifest()
    {
        project.Shard("data/a.jsonl", Question, Question.Replace("q\"", "r\"", StringComparison.Ordinal));
        project.Properties["DatasetOutputShards"] = "4";
        project.Build();
        Directory.Delete(Path.Combine(project.OutputPath, ".datasetbuild"), recursive: true);
        File.WriteAllText(Path.Combine(project.OutputPath, "train", "notes.txt"), "a file of the user's");
        project.Properties["DatasetOutputShards"] = "2";

        project.Build();

        Directory.GetFiles(Path.Combine(project.OutputPath, "train")).Select(Path.GetFileName).Order()
            .ShouldBe(["notes.txt", "train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl"]);
    }

    [Fact]
    public void A_data_file_that_is_none_of_ours_is_removed_even_when_nothing_else_changes()
    {
        project.Shard("data/a.jsonl", Question);
        project.Build();
        var before = project.Snapshot();
        File.WriteAllText(Path.Combine(project.OutputPath, "train", "train-00007-of-00009.jsonl"), "{}");

        project.Build();

        project.Snapshot().ShouldBe(before);
    }

    [Fact]
    public void Every_character_survives_being_written_as_a_message()
    {
        var text = string.Concat(Enumerable.Range(0, 0x3000).Append(0xfffd).Append(0x1f600).Append(0x10ffff).Select(char.ConvertFromUtf32));
        var record = JsonNode.Parse(Question)!;
        record["answer"] = text;
        project.Shard("data/a.jsonl", record.ToJsonString());
        project.Properties["DatasetOutputSchema"] = "Messages";

        project.Build();

        var line = project.Lines().ShouldHaveSingleItem();
        ((string)JsonNode.Parse(line)!["messages"]![1]!["content"]!).ShouldBe(text);
        line.ShouldContain("😀");
        Records.Reading.Key(line).ShouldBe(Records.Reading.Key(record.ToJsonString()));
    }

    [Fact]
    public void The_card_is_what_loaders_read()
    {
        project.Shard("data/a.jsonl", Alpaca);
        project.Properties["DatasetValidationSplit"] = "50%";
        project.Properties["DatasetName"] = "demo";
        project.Build();

        var registry = JsonNode.Parse(File.ReadAllBytes(Path.Combine(project.OutputPath, "dataset_info.json")))!;
        ((string)registry["demo"]!["file_name"]!).ShouldBe("train");
        ((string)registry["demo_validation"]!["columns"]!["prompt"]!).ShouldBe("instruction");
        File.ReadAllText(Path.Combine(project.OutputPath, "README.md")).ShouldContain("path: \"validation/validation-*\"");
    }

    [Fact]
    public void The_registry_names_the_columns_that_the_records_have()
    {
        project.Shard("data/a.jsonl", """{"instruction":"i","response":"r","system":"s","history":[["a","b"]]}""", """{"instruction":"j","response":"r","system":"","history":[]}""");
        project.Build();
        Columns().ShouldBe(["prompt: instruction", "response: response", "system: system", "history: history"], ignoreOrder: true);

        // What is no part of a reading, or stands in a record that was refused, names no column.
        project.Shard("data/a.jsonl", """{"instruction":"i","input":"n","output":"o","answer":"42"}""", """{"instruction":"i","system":"s"}""");
        project.Properties["DatasetOnInvalidRecord"] = "Quarantine";
        project.Build();
        Columns().ShouldBe(["prompt: instruction", "query: input", "response: output"], ignoreOrder: true);

        // The registry has no words for instances inside a record.
        project.Shard("data/a.jsonl", """{"instruction":"a","instances":[{"input":"1","output":"2"}]}""");
        project.Build();
        Registry().AsObject().ShouldBeEmpty();

        JsonNode Registry() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(project.OutputPath, "dataset_info.json")))!;

        List<string> Columns() => [.. Registry().AsObject().Single().Value!["columns"]!.AsObject().Select(pair => $"{pair.Key}: {pair.Value}")];
    }

    private static List<string> Texts(JsonNode line) => [.. line["messages"]!.AsArray().Select(message => $"{message!["role"]}: {message["content"]}")];
}
