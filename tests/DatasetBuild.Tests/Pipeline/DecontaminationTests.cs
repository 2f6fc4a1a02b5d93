using System.Text;
using System.Text.Json;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Records that share words with evaluation items are dropped or marked, and the verdict says which item and which words.</summary>
public sealed class DecontaminationTests : IDisposable
{
    private const string Leaked = "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May.";
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public DecontaminationTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", Asked("What is rain?"), Asked(Leaked + " How many in all?"), Answered(Leaked.ToUpperInvariant()), Asked("Who wrote Faust?"));
        project.Evaluate("eval/test.jsonl", [Item("Unlike all the others, this question has nothing in common with any of the records at all."), Item(Leaked), Item("who wrote Faust")], ("Fields", "question"));
        project.Stage("Clean", ("Kind", "Decontaminate"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Prompt_and_response_are_searched_and_short_items_as_a_whole()
    {
        var build = project.Build();

        (build["Clean"].Entered, build["Clean"].Kept, build["Clean"].Dropped).ShouldBe((4, 1, 3));
        build["Clean"].Reasons.Single().ShouldBe(new("contaminated", 3));
        build.Diagnostics.ShouldBeEmpty();
        Rows().ShouldBe([
            "line,verdict,droppedBy,reason,twin,split,Clean,Clean item,Clean words",
            "1,kept,,,,train,0,,",
            "2,dropped,Clean,contaminated,,,20,eval/test.jsonl:2,natalia sold clips to 48 of her friends in april and then she sold half as many clips in may",
            "3,dropped,Clean,contaminated,,,20,eval/test.jsonl:2,natalia sold clips to 48 of her friends in april and then she sold half as many clips in may",
            "4,dropped,Clean,contaminated,,,3,eval/test.jsonl:3,who wrote faust",
        ]);
    }

    [Fact]
    public void A_marked_record_stays_and_is_named()
    {
        project.Stages[0].Metadata["Action"] = "Mark";

        var build = project.Build();

        (build["Clean"].Kept, build["Clean"].Dropped, build["Clean"].Marked).ShouldBe((4, 0, 3));
        Rows()[4].ShouldBe("4,kept,,,,train,3,eval/test.jsonl:3,who wrote faust");
        ((int)project.Manifest()["stages"]![0]!["marked"]!).ShouldBe(3);
        DatasetBuild.Reporting.StageTable.Render(build.Result.Stages).ShouldContain("3 marked");
    }

    [Fact]
    public void Verdicts_get_the_columns_of_a_stage_that_finds_items_even_where_no_record_reaches_it()
    {
        project.Shard("data/a.jsonl", Asked("Twice"));
        project.Shard("data/b.jsonl", Asked("Twice"));
        project.Stages.Clear();
        project.Stage("Dedup", ("Kind", "ExactDedup"));
        project.Stage("Last", ("Kind", "TokenLength"), ("Counter", "Words"), ("Min", "0"));
        project.Build();
        project.Stages.RemoveAt(1);
        project.Stage("Last", ("Kind", "Decontaminate"), ("Action", "Mark"));
        project.Build();

        foreach (var shard in (string[])["a", "b"])
        {
            File.ReadLines(Path.Combine(project.ReportPath, "verdicts", "data", $"{shard}.jsonl.csv")).First().ShouldEndWith(",Dedup,Last,Last item,Last words");
        }
    }

    [Fact]
    public void The_manifest_names_what_was_compared()
    {
        project.Build();
        var file = project.Manifest()["evaluation"]!.AsArray().Single()!;
        ((string)file["path"]!, (int)file["items"]!, (string)file["fields"]!).ShouldBe(("eval/test.jsonl", 3, "question"));
        ((string)file["sha256"]!).ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(folder.At("clone", "eval", "test.jsonl")))));
    }

    [Fact]
    public void Only_the_part_that_is_named_is_searched()
    {
        project.Stages[0].Metadata["Part"] = "Response";
        project.Shard("data/b.jsonl", """{"messages":[{"role":"user","content":"No answer"}]}""");

        var build = project.Build();

        (build["Clean"].Kept, build["Clean"].Dropped, build["Clean"].Missing).ShouldBe((3, 2, 1));
        build["Clean"].Reasons.Select(reason => reason.Reason).ShouldBe(["missing: no assistant turn", "contaminated"]);
    }

    /// <summary>Of a conversation the system prompt and the tools are nobody's question, and a short answer is everybody's.</summary>
    [Fact]
    public void A_conversation_is_an_item_by_its_prompt_and_response()
    {
        const string system = "You are a helpful assistant who answers each and every question with the greatest of care.";
        const string answer = "This long answer stands in the evaluation set, word by word, and so it must not be learned.";
        project.Evaluation.Clear();
        project.Evaluate("eval/chats.jsonl", [Chat(system, "What is the capital?", "It is Paris."), Chat(system, "And what else?", answer)]);
        project.Shard(
            "data/a.jsonl",
            Chat(system, "Something else", "Fine."),
            Chat("", "what is the capital", "Paris, of course."),
            Chat("", "Which city?", "It is Paris."),
            Chat("", "Which answer?", "I say: " + answer));

        project.Build();

        Rows().Skip(1).Select(row => row.Split(',')[1]).ShouldBe(["kept", "dropped", "kept", "dropped"]);
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("delete")]
    [InlineData("add")]
    [InlineData("move")]
    [InlineData("other fields")]
    [InlineData("n")]
    public void After_a_change_of_the_evaluation_items_a_build_is_as_a_clean_one(string change)
    {
        project.Build();
        switch (change)
        {
            case "edit":
                project.Evaluate("eval/test.jsonl", [Item("one"), Item(Leaked), Item("what is rain")], ("Fields", "question"));
                break;
            case "delete":
                project.Evaluate("eval/test.jsonl", [Item("who wrote Faust")], ("Fields", "question"));
                break;
            case "add":
                project.Evaluate("eval/other.jsonl", [Item("What is rain?")], ("Fields", "question"));
                break;
            case "move":
                project.Evaluate("eval/test.jsonl", ["", Item("who wrote Faust"), "", Item(Leaked)], ("Fields", "question"));
                break;
            case "other fields":
                project.Evaluation[0].Metadata["Fields"] = "answer";
                break;
            default:
                project.Stages[0].Metadata["N"] = "2";
                break;
        }

        project.Build();
        var warm = project.Snapshot();
        Directory.Delete(project.CachePath, recursive: true);
        Directory.Delete(project.StatePath, recursive: true);
        Directory.Delete(folder.At("clone", "bin"), recursive: true);
        project.Build();

        WarmEqualsCleanTests.Differences(project.Snapshot(), warm).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_not_compared_may_change_without_a_score()
    {
        project.Build();
        File.Move(folder.At("clone", "eval", "test.jsonl"), folder.At("clone", "eval", "renamed.jsonl"));
        project.Evaluation[0] = ("eval/renamed.jsonl", project.Evaluation[0].Metadata);
        var path = folder.At("clone", "eval", "renamed.jsonl");
        File.WriteAllText(path, "\n" + File.ReadAllText(path).Replace("an answer", "another answer", StringComparison.Ordinal));

        project.Build().Scored.ShouldBe(0);

        Rows()[4].ShouldContain("eval/renamed.jsonl:4,who wrote faust");
        project.Stages[0].Metadata["Action"] = "Mark";
        project.Build().Scored.ShouldBe(0);
    }

    [Fact]
    public void An_edited_evaluation_file_is_no_longer_up_to_date()
    {
        project.Build();
        project.UpToDate();
        project.Evaluate("eval/test.jsonl", [Item("nothing")], ("Fields", "question"));
        project.UpToDate().ShouldBeNull();
    }

    [Fact]
    public void Without_items_there_is_nothing_to_compare_with()
    {
        project.Evaluation.Clear();
        project.Fails().Code.ShouldBe("DSB2060");

        project.Evaluate("eval/empty.jsonl", [Item(" … ")], ("Fields", "question"));
        var empty = project.Fails();
        empty.Code.ShouldBe("DSB2060");
        empty.Message.ShouldContain("DatasetEvaluation 'eval/empty.jsonl' holds no word");

        project.Evaluate("eval/void.jsonl", [Item("?")], ("Fields", "question"));
        project.Fails().Message.ShouldContain("none of 2 files of DatasetEvaluation, the first of them 'eval/empty.jsonl', holds a word");
    }

    [Fact]
    public void Items_that_no_stage_reads_are_said()
    {
        project.Stages.Clear();
        var said = project.Build().Diagnostics.Single();
        (said.Code, said.Severity).ShouldBe(("DSB2018", Severity.Warning));
        said.Message.ShouldContain("Decontaminate");
    }

    [Theory]
    [InlineData("{\"question\":\"a b\"}\n{\"question\":", "DSB1001", 2, 13)]
    [InlineData("{\"question\":\"a b\"}\n{\"question\":\"c\" \"d\"}", "DSB1001", 2, 17)]
    [InlineData("{\"question\":\"a b\"}\n\n{\"answer\":\"c\"}", "DSB1055", 3, 1)]
    [InlineData("{\"question\":\"a b\"}\n[1]", "DSB1001", 2, 1)]
    [InlineData("{\"question\":\"a \u00ff\"}", "DSB1002", 1, 16)]
    [InlineData("{\"question\":\"a\",\"x\":[1],\"question\":\"b\"}", "DSB1012", 1, 25)]
    [InlineData("PAR1", "DSB1018", 1, 1)]
    [InlineData("{\"question\":\"\\ud800\"}", "DSB1011", 1, 14)]
    public void An_item_that_cannot_be_read_is_an_error_with_its_place(string content, string code, int line, int column)
    {
        project.Write("eval/test.jsonl", Encoding.Latin1.GetBytes(content));
        project.Properties["DatasetOnInvalidRecord"] = "Quarantine";

        var error = project.Fails();

        (error.Code, error.Line, error.Column, Path.GetFileName(error.File)).ShouldBe((code, line, column, "test.jsonl"));
    }

    [Theory]
    [InlineData("eval/more.jsonl", "", true)]
    [InlineData("eval/more.jsonl", "[]", true)]
    [InlineData("eval/more.jsonl", " \n", true)]
    [InlineData("eval/more.jsonl", "{\"question\":\"?\"}\n{\"question\":\"\"}\n", true)]
    [InlineData("eval/more.jsonl", "{\"question\":\"?\"}\n{\"question\":\"Why?\"}\n", false)]
    [InlineData("eval/train-00001-of-00002.jsonl", "", false)]
    [InlineData("eval/train-00001-of-00002.jsonl", "{\"question\":\"\"}\n", true)]
    public void A_file_without_a_word_beside_a_good_one_is_warned_of(string name, string content, bool isWarned)
    {
        project.Write(name, content);
        project.Evaluation.Add((name, new() { ["Fields"] = "question" }));

        for (var build = 0; build < 2; build++)
        {
            project.Build().Diagnostics.Select(warning => (warning.Code, Path.GetFileName(warning.File))).ShouldBe(isWarned ? [("DSB1058", Path.GetFileName(name))] : []);
        }
    }

    [Theory]
    [InlineData("{\"qestion\":\"c\",\"an\\nswer\":{\"x\":[1]}}", "; it has qestion, an\\nswer. ")]
    [InlineData("{}", "(question). ")]
    [InlineData("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1}", "; it has a, b, c, d, e, f, g, h and more. ")]
    public void An_item_without_the_fields_is_told_with_those_that_it_has(string item, string told)
    {
        project.Write("eval/test.jsonl", item);

        project.Fails().Message.ShouldContain(told);
    }

    [Theory]
    [InlineData("Fields", "question;qestion", "DSB1055")]
    [InlineData("Field", "question", "DSB2003")]
    [InlineData("Dialect", "Alpaca", "DSB2006")]
    [InlineData("Priority", "1", null)]
    public void A_mistake_in_how_items_are_declared_is_told(string name, string value, string? code)
    {
        project.Evaluation[0].Metadata[name] = value;
        var (_, error) = project.TryBuild();
        (error ?? "").ShouldContain(code ?? "");
        (error is null).ShouldBe(code is null);
    }

    [Theory]
    [InlineData("N", "1")]
    [InlineData("N", "101")]
    [InlineData("Action", "Remove")]
    public void A_mistake_in_the_stage_is_told(string name, string value)
    {
        project.Stages[0].Metadata[name] = value;
        project.Fails().Code.ShouldBe("DSB2005");
    }

    /// <summary>Words with case and punctuation folded, the questions of one file against those of the other.</summary>
    [Theory]
    [InlineData("train.jsonl", 13, 4)]
    [InlineData("train.jsonl", 8, 94)]
    [InlineData("test_socratic.jsonl", 13, 1319)]
    public void Of_GSM8K_so_many_questions_stand_in_the_test_set(string pool, int n, int contaminated)
    {
        var (shard, test) = (SharedData.Path("pools", "gsm8k", pool), SharedData.Path("pools", "gsm8k", "test.jsonl"));
        project.Stages[0].Metadata["N"] = $"{n}";
        project.Stages[0].Metadata["Part"] = "Prompt";
        project.Shard("data/a.jsonl", File.ReadAllBytes(shard));
        project.Evaluate("eval/test.jsonl", File.ReadLines(test), ("Fields", "question"));

        var build = project.Build();

        build["Clean"].Dropped.ShouldBe(contaminated);
    }

    /// <summary>The verdicts without the keys.</summary>
    private string[] Rows() =>
        [.. File.ReadLines(Path.Combine(project.ReportPath, "verdicts", "data", "a.jsonl.csv")).Select(row => string.Join(',', row.Split(',').Where((_, column) => column != 5)))];

    private static string Asked(string prompt) => JsonSerializer.Serialize(new { prompt, completion = "Nobody knows." });

    private static string Answered(string completion) => JsonSerializer.Serialize(new { prompt = "Tell me something.", completion });

    private static string Item(string question) => JsonSerializer.Serialize(new { question, answer = "This is an answer." });

    private static string Chat(string system, string user, string assistant) => JsonSerializer.Serialize(new
    {
        messages = new[] { new { role = "system", content = system }, new { role = "user", content = user }, new { role = "assistant", content = assistant } },
    });
}
