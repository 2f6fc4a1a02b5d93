using System.IO.Enumeration;

namespace DatasetBuild.Pipeline;

/// <summary>What the <c>Include</c> of an item takes in, as far as its text alone says that. Without regular expressions, whose start alone costs a build a tenth of a second.</summary>
internal static class ItemPattern
{
    /// <summary>Whether MSBuild has to be asked what a text comes to.</summary>
    public static bool IsExpression(string written) => written.Contains("$(", StringComparison.Ordinal) || written.Contains("@(", StringComparison.Ordinal);

    /// <summary>Whether a path or a pattern, relative to the project's folder, is or takes in the file with a full path; false where the text alone does not say it.</summary>
    public static bool Matches(string written, string projectDirectory, string fullPath) => written.Length > 0 && !IsExpression(written)
        && Matches(Segments(Path.GetFullPath(written.Replace('\\', '/'), projectDirectory)), Segments(fullPath));

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
