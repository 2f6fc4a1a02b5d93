using System.Text.Json;
using DatasetBuild.Scoring;
using DatasetBuild.Tests;

namespace DatasetBuild.LanguageModels.Tests;

/// <summary>Tiny models whose losses an independent implementation computed in float64.</summary>
public sealed class FixtureTests
{
    public static TheoryData<string> Models => SharedData.Find("models") is { } folder
        ? [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)]
        : ["llama"];

    [Theory]
    [MemberData(nameof(Models))]
    public void Losses_are_those_of_an_independent_implementation(string name)
    {
        var folder = SharedData.Path("models", name);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "cases.json")));
        var cases = json.RootElement.GetProperty("cases").EnumerateArray().Select(entry => (
            Ids: entry.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32()).ToArray(),
            Losses: entry.GetProperty("nll_f64").EnumerateArray().Select(loss => loss.GetDouble()).ToArray())).ToList();
        using var model = new CpuLanguageModelLoader().Open(folder, threads: 2);
        var batch = new TokenBatch();
        foreach (var (ids, _) in cases)
        {
            batch.Add(ids, [.. ids.Select(_ => true)]);
        }

        var losses = new float[batch.TokenCount];
        model.TokenLosses(batch, losses, TestContext.Current.CancellationToken);
        for (var i = 0; i < cases.Count; i++)
        {
            float.IsNaN(losses[batch.Start(i)]).ShouldBeTrue();
            for (var token = 0; token < cases[i].Losses.Length; token++)
            {
                ((double)losses[batch.Start(i) + token + 1]).ShouldBe(cases[i].Losses[token], tolerance: 2e-5, $"case {i}, token {token + 1}");
            }
        }
    }
}
