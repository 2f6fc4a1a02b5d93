using System.Text.Json;
using DatasetBuild.Tests;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class TokenizeTests
{
    [Theory]
    [InlineData("llama3-apply-merges")]
    [InlineData("template-pair")]
    [InlineData("gpt2")]
    [InlineData("llama3-ignore-merges")]
    [InlineData("cl100k-removed-invert")]
    public void Pieces_and_places_are_those_that_the_reference_library_reports(string fixture)
    {
        var cases = Cases(fixture);
        using var texts = new TemporaryTexts(cases.Select(@case => @case.GetProperty("text").GetString()!));
        var results = DatasetTool.Run("tokenize", "--tokenizer", SharedData.Path("tokenizer-json", fixture, "tokenizer.json"), "--file", texts.Path, "--json").ShouldExitWith(0).Json;
        results.GetArrayLength().ShouldBe(cases.Count);
        foreach (var (expected, actual) in cases.Zip(results.EnumerateArray()))
        {
            var text = expected.GetProperty("text").GetString();
            actual.GetProperty("ids").ToString().ShouldBe(Compact(expected, "ids"), text);
            Strings(actual, "tokens").ShouldBe(Strings(expected, "tokens"), text);
            actual.GetProperty("offsets").ToString().ShouldBe(Compact(expected, "offsets"), text);
        }
    }

    [Fact]
    public void A_rank_file_gives_the_text_of_its_tokens_and_marks_pieces_of_characters()
    {
        var result = DatasetTool.Run("tokenize", "--tokenizer", SharedData.Path("tokenizers", "cl100k_base.tiktoken"), "Hello, wörld 🎉", "--json").ShouldExitWith(0).Json;
        result.GetArrayLength().ShouldBe(1);
        result[0].GetProperty("ids").ToString().ShouldBe("[9906,11,289,9603,509,11410,236,231]");
        Strings(result[0], "tokens").ShouldBe(["Hello", ",", " w", "ör", "ld", " \ufffd", "\ufffd", "\ufffd"]);
        result[0].GetProperty("offsets").ToString().ShouldBe("[[0,5],[5,6],[6,8],[8,10],[10,12],[12,14],[13,14],[13,14]]");
    }

    [Fact]
    public void People_get_a_table_and_the_number_of_tokens() =>
        DatasetTool.Run("tokenize", "--tokenizer", SharedData.Path("tokenizers", "cl100k_base.tiktoken"), "one two").ShouldExitWith(0).Output.ShouldContain("2 tokens");

    [Fact]
    public void A_text_and_a_file_at_once_are_a_mistake() => DatasetTool.Run("tokenize", "--tokenizer", "x", "--file", "y", "text").ShouldExitWith(2);

    [Fact]
    public void A_text_may_look_like_a_response_file() => DatasetTool.Run("tokenize", "--tokenizer", "nowhere.json", "@text").ShouldExitWith(1).Error.ShouldContain("error DSB3001");

    // The reference takes added tokens out of a text; here they are plain text, and those cases differ for that reason alone.
    private static List<JsonElement> Cases(string fixture)
    {
        var tokenizer = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", fixture, "tokenizer.json"))).RootElement;
        var added = tokenizer.GetProperty("added_tokens").EnumerateArray().Select(token => token.GetProperty("content").GetString()!).ToList();
        var cases = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", fixture, "cases.json"))).RootElement.GetProperty("cases").EnumerateArray();
        return [.. cases.Where(@case => @case.TryGetProperty("ids", out _) && !added.Any(@case.GetProperty("text").GetString()!.Contains))];
    }

    private static string Compact(JsonElement element, string name) => JsonSerializer.Serialize(element.GetProperty(name));

    private static IEnumerable<string?> Strings(JsonElement element, string name) => element.GetProperty(name).EnumerateArray().Select(text => text.GetString());

    private sealed class TemporaryTexts : IDisposable
    {
        public TemporaryTexts(IEnumerable<string> texts) => File.WriteAllText(Path, JsonSerializer.Serialize(texts));

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
