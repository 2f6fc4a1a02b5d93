using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class TokenizerTrainTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("datasetbuild-train-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_tokenizer_is_trained_on_plain_files_and_read_again_with_the_same_bytes_each_time()
    {
        var shard = Write("a.jsonl", "{\"prompt\": \"the cat\", \"completion\": \"the mat\"}\n{\"prompt\": \"the rat\", \"completion\": \"the hat\"}\n");
        var (first, second) = (PathOf("first.json"), PathOf("second.json"));
        var made = Train(shard, "-o", first, "--vocab-size", "270", "--special-token", "<|end|>", "--json").ShouldExitWith(0).Json;
        made.GetProperty("vocabulary").GetInt32().ShouldBe(257 + made.GetProperty("merges").GetInt32());
        made.GetProperty("records").GetInt32().ShouldBe(2);
        made.GetProperty("texts").GetInt32().ShouldBe(4);
        made.GetProperty("specialTokens")[0].GetString().ShouldBe("<|end|>");
        Train(shard, "-o", second, "--vocab-size", "270", "--special-token", "<|end|>").ShouldExitWith(0);
        File.ReadAllBytes(second).ShouldBe(File.ReadAllBytes(first));
        var tokens = DatasetTool.Run("tokenize", "--tokenizer", first, "the cat<|end|>", "--json").ShouldExitWith(0).Json[0];
        tokens.GetProperty("decoded").GetString().ShouldBe("the cat<|end|>");
        tokens.GetProperty("tokens").EnumerateArray().First().GetString().ShouldBe("the");
        Train(shard, "-o", second, "--part", "Response").ShouldExitWith(0);
        File.ReadAllBytes(second).ShouldNotBe(File.ReadAllBytes(first));
    }

    [Fact]
    public void Nothing_but_a_tokenizer_is_replaced()
    {
        var shard = Write("a.jsonl", "{\"text\": \"a\"}\n");
        var project = Write("b.csproj", "<Project />");
        Train(shard, "-o", shard).ShouldExitWith(2).Error.ShouldContain("is one of the shards that are read");
        Train(shard, "-o", project).ShouldExitWith(2).Error.ShouldContain("is no tokenizer.json");
        Train(shard, "-o", folder.FullName).ShouldExitWith(2).Error.ShouldContain("it is a folder");
        File.ReadAllText(shard).ShouldBe("{\"text\": \"a\"}\n");
        File.ReadAllText(project).ShouldBe("<Project />");

        Train(shard, "-o", PathOf("t.json")).ShouldExitWith(0);
        Train(shard, "-o", PathOf("t.json")).ShouldExitWith(0);
    }

    [Theory]
    [InlineData("é")]
    [InlineData("Ġthe")]
    [InlineData("the")]
    public void A_special_token_that_is_written_as_another_is_refused(string token)
    {
        var shard = Write("a.jsonl", "{\"text\": \"the the the the\"}\n");
        Train(shard, "-o", PathOf("t.json"), "--special-token", token).ShouldExitWith(1).Error.ShouldContain($"DSB3021: The special token '{token}'");
        File.Exists(PathOf("t.json")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("--vocab-size", "100")]
    [InlineData("--pattern", "cl10k")]
    [InlineData("--pattern", "(a")]
    [InlineData("--min-frequency", "0")]
    [InlineData("--part", "Middle")]
    public void What_cannot_be_is_a_mistake_of_the_command_line(string option, string value)
    {
        var shard = Write("a.jsonl", "{\"text\": \"a\"}\n");
        Train(shard, "-o", PathOf("t.json"), option, value).ShouldExitWith(2);
        File.Exists(PathOf("t.json")).ShouldBeFalse();
    }

    [Fact]
    public void A_record_that_cannot_be_read_ends_the_training_and_nothing_is_written()
    {
        var shard = Write("a.jsonl", "{\"text\": \"a\"}\n{\"text\": b}\n");
        Train(shard, "-o", PathOf("t.json")).ShouldExitWith(1).Error.ShouldContain("DSB1001");
        File.Exists(PathOf("t.json")).ShouldBeFalse();
    }

    [Fact]
    public void What_is_no_file_is_told_before_anything_is_read()
    {
        var bad = Write("a.jsonl", "{\"text\": b}\n");
        var error = Train(bad, PathOf("none.jsonl"), "-o", PathOf("t.json")).ShouldExitWith(1).Error;
        error.ShouldContain("none.jsonl: error DSB1013: the file cannot be read: it does not exist. Mend its path.");
        error.ShouldNotContain("DSB1001");
    }

    [Theory]
    [InlineData("", "Record")]
    [InlineData("{\"text\": \"\"}\n", "Record")]
    [InlineData("{\"text\": \"raw\"}\n", "Response")]
    public void Training_on_nothing_is_an_error(string content, string part)
    {
        Train(Write("a.jsonl", content), "-o", PathOf("t.json"), "--part", part).ShouldExitWith(1).Error.ShouldContain("DSB3024: There is no text to train on");
        File.Exists(PathOf("t.json")).ShouldBeFalse();
    }

    private static ToolOutput Train(params string[] arguments) => DatasetTool.Run(["tokenizer", "train", .. arguments]);

    private string PathOf(string name) => Path.Combine(folder.FullName, name);

    private string Write(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return PathOf(name);
    }
}
