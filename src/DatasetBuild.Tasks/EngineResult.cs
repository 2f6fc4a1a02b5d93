using System.Text.Json;

namespace DatasetBuild.Tasks;

/// <summary>The engine's last word on a build that succeeded.</summary>
internal sealed record EngineResult(
    bool UpToDate, long Kept, long Records, IReadOnlyList<string> Outputs, IReadOnlyList<string> Reports, string Manifest)
{
    public static EngineResult From(JsonElement json) => new(
        json.Flag("upToDate"), json.Number("kept"), json.Number("records"), json.Texts("outputs"), json.Texts("reports"), json.Text("manifest"));
}
