using System.Text.Json;
using DatasetBuild.Tests;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class TokenizeTests
{
    [Theory]
    [InlineData("llama3-ignore-merges")]
    [InlineData("bert-uncased")]
    [InlineData("unigram-t5")]
    [InlineData("added-flags-lower")]
    public void Tokens_places_and_text_are_those_that_the_reference_library_reports(string fixture)
    {
        var cases = Cases(fixture, "cases");
        using var texts = new TemporaryTexts(cases.Select(@case => (object)@case.GetProperty("text")));
        var results = Tokenize(fixture, texts).ShouldExitWith(0).Json;
        var special = Tokenize(fixture, texts, "--special", "--skip-special").ShouldExitWith(0).Json;
        results.GetArrayLength().ShouldBe(cases.Count);
        foreach (var ((expected, actual), withSpecial) in cases.Zip(results.EnumerateArray()).Zip(special.EnumerateArray()))
        {
            var text = expected.GetProperty("text").GetString();
            actual.GetProperty("ids").ToString().ShouldBe(Compact(expected, "ids"), text);
            Strings(actual, "tokens").ShouldBe(Strings(expected, "tokens"), text);
            actual.GetProperty("offsets").ToString().ShouldBe(Compact(expected, "offsets"), text);
            actual.GetProperty("decoded").GetString().ShouldBe(expected.GetProperty("decoded").GetString(), text);
            withSpecial.GetProperty("ids").ToString().ShouldBe(Compact(expected, "ids_with_special"), text);
            withSpecial.GetProperty("decoded").GetString().ShouldBe(expected.GetProperty("decoded_skip_special").GetString(), text);
        }
    }

    [Fact]
    public void What_never_ends_is_no_tokenizer_and_no_texts()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // no such files
        }

        DatasetTool.Run("tokenize", "--tokenizer", "/dev/zero", "a").ShouldExitWith(2).Error.ShouldContain("it is no regular file");
        DatasetTool.Run("tokenize", "--tokenizer", SharedData.Path("tokenizer-json", "gpt2", "tokenizer.json"), "--file", "/dev/zero").ShouldExitWith(2).Error.ShouldContain("it is no regular file");
    }

    [Fact]
    public void Texts_come_from_standard_input_where_a_dash_stands_for_the_file()
    {
        string[] arguments = ["tokenize", "--tokenizer", SharedData.Path("tokenizer-json", "gpt2", "tokenizer.json"), "--json", "--file", "-"];
        DatasetTool.RunWithInput("[\"Žluťoučký kůň\", [\"a\", \"b\"]]", arguments).ShouldExitWith(0).Json.EnumerateArray().Select(text => text.GetProperty("decoded").GetString())
            .ShouldBe(["Žluťoučký kůň", "ab"]);
        DatasetTool.RunWithInput("a text", arguments).ShouldExitWith(2).Output.ShouldContain("standard input is not a JSON array of texts");
        DatasetTool.RunWithInput("", arguments).ShouldExitWith(2);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_told_with_what_was_looked_for()
    {
        var folder = Directory.CreateTempSubdirectory("datasetbuild-tokenize-").FullName;
        DatasetTool.Run("tokenize", "--tokenizer", folder, "a").ShouldExitWith(2).Error.ShouldContain($"'{folder}' cannot be read: it is a folder that holds neither a tokenizer.json nor a tokenizer.model");
        Directory.Delete(folder);
    }

    [Fact]
    public void Pairs_are_encoded_together()
    {
        var pairs = Cases("bert-uncased", "pairs");
        using var texts = new TemporaryTexts(pairs.Select(pair => new[] { pair.GetProperty("text"), pair.GetProperty("pair") }));
        var results = Tokenize("bert-uncased", texts, "--special").ShouldExitWith(0).Json;
        foreach (var (expected, actual) in pairs.Zip(results.EnumerateArray()))
        {
            actual.GetProperty("ids").ToString().ShouldBe(Compact(expected, "ids_with_special"));
            actual.GetProperty("type_ids").ToString().ShouldBe(Compact(expected, "type_ids_with_special"));
            actual.GetProperty("special_tokens_mask").ToString().ShouldBe(Compact(expected, "special_tokens_mask"));
            actual.GetProperty("offsets").ToString().ShouldBe(Compact(expected, "offsets_with_special"));
        }

        var one = DatasetTool.Run("tokenize", "--tokenizer", Fixture("bert-uncased"), "a", "--pair", "b", "--special", "--json").ShouldExitWith(0).Json;
        one[0].GetProperty("type_ids").ToString().ShouldBe("[0,0,0,1,1]");
    }

    [Fact]
    public void Texts_behind_one_without_an_encoding_are_shown_too()
    {
        using var file = new TemporaryTexts(["a", "ß", "b"]);
        var shown = DatasetTool.Run("tokenize", "--tokenizer", SharedData.Path("tokenizer-json", "unigram-no-unk", "tokenizer.json"), "-f", file.Path).ShouldExitWith(1);
        shown.Error.ShouldMatch("error DSB3016: element 1: ");
        shown.Lines.Count(line => line.EndsWith(" tokens", StringComparison.Ordinal) || line == "1 token").ShouldBe(2);
    }

    [Fact]
    public void A_text_without_an_encoding_has_an_error_in_its_place_and_the_tool_fails()
    {
        var texts = Cases("wordlevel-unk-missing", "cases");
        using var file = new TemporaryTexts(texts.Select(@case => (object)@case.GetProperty("text")));
        var results = Tokenize("wordlevel-unk-missing", file).ShouldExitWith(1).Json;
        results.GetArrayLength().ShouldBe(texts.Count);
        foreach (var (expected, actual) in texts.Zip(results.EnumerateArray()))
        {
            actual.TryGetProperty("error", out var error).ShouldBe(expected.TryGetProperty("error", out _));
            (error.ValueKind == JsonValueKind.Undefined || error.GetProperty("code").GetString() == "DSB3016").ShouldBeTrue();
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
    public void A_text_may_look_like_a_response_file() => DatasetTool.Run("tokenize", "--tokenizer", "nowhere.json", "@text").ShouldExitWith(2).Error.ShouldContain("the tokenizer 'nowhere.json' cannot be read: it does not exist.");

    [Fact]
    public void Special_and_no_special_at_once_are_a_mistake() =>
        DatasetTool.Run("tokenize", "--tokenizer", "x", "text", "--special", "--no-special").ShouldExitWith(2);

    private static ToolOutput Tokenize(string fixture, TemporaryTexts texts, params string[] options) =>
        DatasetTool.Run(["tokenize", "--tokenizer", Fixture(fixture), "--file", texts.Path, "--json", .. options]);

    private static string Fixture(string name) => SharedData.Path("tokenizer-json", name, "tokenizer.json");

    private static List<JsonElement> Cases(string fixture, string name) =>
        [.. JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("tokenizer-json", fixture, "cases.json"))).RootElement.GetProperty(name).EnumerateArray()];

    private static string Compact(JsonElement element, string name) => JsonSerializer.Serialize(element.GetProperty(name));

    private static IEnumerable<string?> Strings(JsonElement element, string name) => element.GetProperty(name).EnumerateArray().Select(text => text.GetString());
}
