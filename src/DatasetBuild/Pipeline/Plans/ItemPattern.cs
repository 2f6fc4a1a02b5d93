using System.IO.Enumeration;

namespace DatasetBuild.Pipeline;

/// <summary>What a path or a pattern in the <c>Include</c> of an item takes in. Without regular expressions, whose start alone costs a build a tenth of a second.</summary>
internal sealed class ItemPattern
{
    private readonly string[] segments;

    private ItemPattern(string fullPattern) => segments = Segments(fullPattern);

    /// <summary>Whether MSBuild has to be asked what a text comes to.</summary>
    public static bool IsExpression(string written) => written.Contains("$(", StringComparison.Ordinal) || written.Contains("@(", StringComparison.Ordinal);

    /// <summary>A path or a pattern, relative to the project's folder, its characters not escaped; null where the text alone does not say what it takes in.</summary>
    public static ItemPattern? Of(string written, string projectDirectory) =>
        written.Length == 0 || IsExpression(written) ? null : new ItemPattern(Path.GetFullPath(written.Replace('\\', '/'), projectDirectory));

    /// <summary>In a project file a character may stand as MSBuild escapes it: a percent sign and two digits.</summary>
    public static string Unescaped(string written) => Uri.UnescapeDataString(written);

    /// <summary>Whether it is or takes in the file with a full path.</summary>
    public bool Matches(string fullPath) => Matches(segments, Segments(fullPath));

    private static string[] Segments(string path) => path.Replace('\\', '/').Split('/');

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern.IsEmpty || path.IsEmpty)
        {
            return pattern.IsEmpty && path.IsEmpty;
        }

        return pattern[0] == "**" ? pattern.Length == 1 || Matches(pattern[1..], path) || Matches(pattern, path[1..])
            : IsName(pattern[0], path[0]) && Matches(pattern[1..], path[1..]);
    }

    /// <summary>As ever, <c>*.*</c> is any name, with a dot or without.</summary>
    private static bool IsName(string pattern, string name) =>
        pattern is "*.*" || pattern.Equals(name, StringComparison.OrdinalIgnoreCase) || FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);
}
