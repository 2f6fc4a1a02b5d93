using System.Globalization;

namespace DatasetBuild.Tasks;

/// <summary>The metadata of the item that <c>GetDatasetStatus</c> returns. Scripts read them: names and forms stay as they are.</summary>
internal static class StatusMetadata
{
    public static IEnumerable<(string Name, string Value)> Of(EngineResult? current, EngineStaleness? stale)
    {
        yield return ("UpToDate", current is not null ? "true" : "false");
        yield return ("Reason", stale?.Reason ?? "");
        yield return ("Changes", stale is null ? "" : string.Join('\n', stale.Changes));
        yield return ("Records", current?.Records.ToString(CultureInfo.InvariantCulture) ?? "");
        yield return ("Kept", current?.Kept.ToString(CultureInfo.InvariantCulture) ?? "");
        yield return ("Manifest", current?.Manifest ?? "");
    }
}
