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
        var name = Value("scorer") ?? "unnamed scorer";
        var version = Value("version") is null or "1" ? "" : $" version {Value("version")}";
        var part = Value("part") is { } of ? $" of {of}" : "";
        var parameters = lines.Where(pair => pair[0] is not "scorer" and not "version" and not "part").Select(pair => $"{pair[0]} {Shorten(pair[1])}");
        return string.Join(", ", [$"{name}{version}{part}", .. parameters]);

        string? Value(string key) => lines.FirstOrDefault(pair => pair[0] == key)?[1];
    }

    private static string Shorten(string value) => value.Length == 0 ? "none" : Digest().Replace(UnicodeTables().Replace(value, ""), "$1…");

    // Which Unicode tables were used is a part of the identity that tells a person nothing.
    [GeneratedRegex(@" unicode=\S+")]
    private static partial Regex UnicodeTables();

    [GeneratedRegex("([0-9a-f]{8})[0-9a-f]{24,}")]
    private static partial Regex Digest();
}
