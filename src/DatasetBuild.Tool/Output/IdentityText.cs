using System.Text.RegularExpressions;

namespace DatasetBuild.Tool.Output;

/// <summary>A scorer's identity in plain words: its name, then what it was told, with long digests cut short.</summary>
internal static partial class IdentityText
{
    public static string Describe(string? text)
    {
        if (text is null)
        {
            return "unknown (its description is lost)";
        }

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToList();
        var name = lines.FirstOrDefault(pair => pair[0] == "scorer")?[1] ?? "unnamed scorer";
        var version = lines.FirstOrDefault(pair => pair[0] == "version")?[1];
        var parameters = lines.Where(pair => pair[0] is not "scorer" and not "version").Select(pair => $"{pair[0]} {(pair[1].Length == 0 ? "none" : pair[1])}");
        var described = string.Join(", ", [version is null or "1" ? name : $"{name} version {version}", .. parameters]);
        return Digest().Replace(described, "$1…");
    }

    [GeneratedRegex("([0-9a-f]{8})[0-9a-f]{24,}")]
    private static partial Regex Digest();
}
