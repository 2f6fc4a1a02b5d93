using System.Text.RegularExpressions;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>
/// What README.md tells its readers to type. A fenced block of commands is marked `sh`, and a comment before it, which no reader sees, says where
/// they are typed: `&lt;!-- commands: in a clone --&gt;` or `&lt;!-- commands: anywhere --&gt;`. The commands within sentences and tables are code spans.
/// </summary>
internal static class Readme
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Built.Repository, "README.md"));

    public static IReadOnlyList<string> InAClone => Fenced("in a clone");

    public static IReadOnlyList<string> Anywhere => Fenced("anywhere");

    /// <summary>Every fenced block that is marked as commands but does not say where they are typed.</summary>
    public static int BlocksWithoutPlace => Regex.Count(Text, @"(?<!<!-- commands: (in a clone|anywhere) -->\n)```sh\n");

    /// <summary>Commands with words that say what they are to do: a bare `dotnet build` is a name.</summary>
    public static IReadOnlyList<string> InSentences =>
        [
            .. Regex.Matches(Text, @"`((?:dotnet|source|\S+/build\.sh)(?: [^`]+)?)`").Select(span => span.Groups[1].Value)
                .Where(span => span.Split(' ').Length > 2 || span.EndsWith(".sh", StringComparison.Ordinal)).Distinct(),
        ];

    /// <summary>The first project file.</summary>
    public static string Project => Regex.Match(Text, @"```xml\n(<Project.*?)```", RegexOptions.Singleline).Groups[1].Value;

    /// <summary>The commands of the tool, as the table of its answers names them.</summary>
    public static IReadOnlyList<string> ToolCommands =>
        [.. Regex.Matches(Section("Asking questions"), @"^\| `([a-z ]+)[^`]*` \|", RegexOptions.Multiline).Select(row => row.Groups[1].Value.Trim())];

    private static string Section(string title) => Regex.Match(Text, $"^## {title}$.*?(?=^## )", RegexOptions.Multiline | RegexOptions.Singleline).Value;

    private static List<string> Fenced(string place) =>
        [.. Regex.Matches(Text, $"<!-- commands: {place} -->\n```sh\n(.*?)```", RegexOptions.Singleline).SelectMany(block => block.Groups[1].Value.TrimEnd().Split('\n'))];
}
