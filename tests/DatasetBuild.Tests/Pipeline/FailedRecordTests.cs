namespace DatasetBuild.Tests.Pipeline;

public sealed class FailedRecordTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("1")]
    [InlineData("8")]
    public void Of_records_that_a_tokenizer_fails_on_the_first_one_is_told_whichever_thread_meets_one_first(string threads)
    {
        var project = new TestProject(folder.At(threads));
        project.Properties["DatasetThreads"] = threads;
        project.Write("words.json", """{"pre_tokenizer":{"type":"Whitespace"},"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"[UNK]"}}""");
        project.Shard("data/a.jsonl", [.. Enumerable.Range(1, 6000).Select(i => Record(string.Join(' ', Enumerable.Repeat("a", i % 500)))), Record("late")]);
        foreach (var name in (string[])["b", "c", "d"])
        {
            project.Shard($"data/{name}.jsonl", Record("early"));
        }

        project.Stage("Short", ("Kind", "TokenLength"), ("Tokenizer", "words.json"), ("Min", "1"));

        var error = project.Fails();

        (error.Code, error.File, error.Line).ShouldBe(("DSB3016", Path.Combine(project.Root, "data/a.jsonl"), 6001));
        error.Message.ShouldEndWith("The stage is 'Short'.");
    }

    private static string Record(string text) => $$"""{"prompt":"a","completion":"{{text}}"}""";
}
