using System.Globalization;
using System.Text.Json;

namespace DatasetBuild.Tasks;

/// <summary>The engine's last word on a question about a subset that is not up to date: why, and what changed since it was built.</summary>
internal sealed record EngineStaleness(string Reason, IReadOnlyList<string> Changes)
{
    private const int MostTold = 10;

    public static EngineStaleness From(JsonElement json) =>
        new(json.Text("reason"), json.TryGetProperty("changes", out var changes) ? [.. changes.EnumerateArray().Select(Told)] : []);

    /// <summary>In one line, since MSBuild makes an error of each.</summary>
    public string Text => Changes.Count switch
    {
        0 => Reason,
        <= MostTold => string.Join("; ", Changes),
        _ => string.Create(CultureInfo.InvariantCulture, $"{string.Join("; ", Changes.Take(MostTold))}; and {Changes.Count - MostTold:N0} more"),
    };

    private static string Told(JsonElement change)
    {
        var detail = change.Text("detail");
        return $"{change.Text("kind")} {change.Text("name")} {change.Text("change")}" + (detail.Length > 0 ? $" ({detail})" : "");
    }
}
