using System.Text.Json;
using DatasetBuild.LanguageModels.Tests.Oracle;
using DatasetBuild.Tests;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class LossTests : IDisposable
{
    private const string Config = """{"model_type":"llama","vocab_size":19,"hidden_size":8,"intermediate_size":12,"num_hidden_layers":2,"num_attention_heads":2,"max_position_embeddings":12}""";

    private readonly ScratchFolder scratch = new();

    public LossTests() => new TinyModel(Config, seed: 5).Save(scratch.At("model"));

    [Theory]
    [InlineData("llama3_rope")]
    [InlineData("qwen3_bf16")]
    public void Losses_are_those_of_an_independent_implementation(string name)
    {
        var folder = SharedData.Path("models", name);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        var cases = json.RootElement.GetProperty("cases").EnumerateArray().ToList();
        File.WriteAllText(scratch.At("ids.json"), JsonSerializer.Serialize(cases.Select(entry => entry.GetProperty("input_ids"))));
        var results = DatasetTool.Run("loss", "--model", folder, "--ids", scratch.At("ids.json"), "--json").ShouldExitWith(0).Json;
        results.GetArrayLength().ShouldBe(cases.Count);
        foreach (var (expected, actual) in cases.Select(entry => entry.GetProperty("nll_f64")).Zip(results.EnumerateArray()))
        {
            actual.GetArrayLength().ShouldBe(expected.GetArrayLength());
            expected.EnumerateArray().Zip(actual.EnumerateArray()).ShouldAllBe(pair => Math.Abs(pair.First.GetDouble() - pair.Second.GetDouble()) <= 2e-5);
        }
    }

    [Fact]
    public void A_sequence_has_one_loss_fewer_than_tokens_whatever_the_threads()
    {
        Write("[[3], [], [1, 2], [0, 18, 4, 4]]");
        var result = Loss("--json", "--threads", "1").ShouldExitWith(0);
        result.Json.EnumerateArray().Select(losses => losses.GetArrayLength()).ShouldBe([0, 0, 1, 3]);
        Loss("--json", "--threads", "4").ShouldExitWith(0).Output.ShouldBe(result.Output);
        Loss().ShouldExitWith(0).Output.ShouldContain("perplexity");
    }

    [Theory]
    [InlineData("[[1, 19]]", "error DSB3062: token 1 of sequence 0 is 19, and the model knows 0 to 18")]
    [InlineData("[[1], [-1]]", "error DSB3062: token 0 of sequence 1 is -1")]
    [InlineData("[[1,1,1,1,1,1,1,1,1,1,1,1,1]]", "error DSB3063: sequence 0 has 13 tokens, more than the 12")]
    [InlineData("[[1.5]]", "error DSB3061: element 0 of sequence 0 is no token id")]
    [InlineData("[1]", "error DSB3061: sequence 0 is no array")]
    [InlineData("{}", "error DSB3061: it is no array")]
    [InlineData("[", "error DSB3061")]
    public void What_cannot_be_given_to_the_model_is_refused_with_its_place(string ids, string error)
    {
        Write(ids);
        Loss("--json").ShouldExitWith(1).Error.ShouldContain(error);
    }

    [Fact]
    public void A_missing_file_or_model_is_told()
    {
        Loss().ShouldExitWith(2).Error.ShouldContain("ids.json' does not exist");
        Write("[]");
        DatasetTool.Run("loss", "--model", scratch.At("nowhere"), "--ids", scratch.At("ids.json")).ShouldExitWith(1).Error.ShouldContain("DSB3050");
        Loss("--threads", "0").ShouldExitWith(2);
        Loss("--json").ShouldExitWith(0).Output.Trim().ShouldBe("[]");
    }

    public void Dispose() => scratch.Dispose();

    private void Write(string ids) => File.WriteAllText(scratch.At("ids.json"), ids);

    private ToolOutput Loss(params string[] options) => DatasetTool.Run(["loss", "--model", scratch.At("model"), "--ids", scratch.At("ids.json"), .. options]);
}
