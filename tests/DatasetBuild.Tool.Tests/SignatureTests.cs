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
    public void A_text_that_is_too_short_has_none() =>
        DatasetTool.Run("signature", "one two", "--preset", "none").ShouldExitWith(0).Output.ShouldContain("too short");
}
