using System.Text.Json;
using DatasetBuild.Tests;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

public sealed class SignatureTests
{
    [Fact]
    public void Signatures_are_those_of_datatrove()
    {
        using var golden = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("golden", "minhash_datatrove_params.json")));
        var samples = golden.RootElement.GetProperty("samples").EnumerateArray().ToList();
        using var texts = new TemporaryTexts(samples.Select(sample => (object)sample.GetProperty("text")));

        var results = DatasetTool.Run("signature", "--file", texts.Path, "--json").ShouldExitWith(0).Json;

        results.GetArrayLength().ShouldBe(samples.Count);
        foreach (var (expected, actual) in samples.Zip(results.EnumerateArray()))
        {
            actual.GetProperty("simplified").GetString().ShouldBe(expected.GetProperty("simplified").GetString());
            JsonElement.DeepEquals(actual.GetProperty("signature"), expected.GetProperty("signature")).ShouldBeTrue();
        }
    }

    [Fact]
    public void The_parameters_of_a_stage_say_what_it_is_found_by()
    {
        const string Text = "one two three four five six";
        var stage = Signature("--preset", "None");
        Signature("--parameter", "Threshold=0.8").ToString().ShouldBe(stage.ToString());
        Signature("--parameter", "threshold=0.8", "--parameter", "Seed=1").ToString().ShouldNotBe(stage.ToString());
        Signature("--parameter", "Preset=DataTrove").ToString().ShouldBe(Signature().ToString());
        Signature("--parameter", "Bands=3", "--parameter", "Rows=2", "--parameter", "ShingleSize=2").GetProperty("signature").GetArrayLength().ShouldBe(6);

        Fails("Did you mean Threshold?", "--parameter", "Treshold=0.8");
        Fails("Threshold=\"2\" cannot be used", "--parameter", "Threshold=2");
        Fails("'Seed' is no parameter", "--parameter", "Seed");
        Fails("Give either --preset or --parameter", "--parameter", "Seed=1", "--preset", "None");

        JsonElement Signature(params string[] options) => DatasetTool.Run(["signature", Text, "--json", .. options]).ShouldExitWith(0).Json[0];

        void Fails(string words, params string[] options) => DatasetTool.Run(["signature", Text, .. options]).ShouldExitWith(2).Error.ShouldContain(words);
    }

    [Fact]
    public void A_text_that_is_too_short_has_none() =>
        DatasetTool.Run("signature", "one two", "--preset", "none").ShouldExitWith(0).Output.ShouldContain("too short");
}
