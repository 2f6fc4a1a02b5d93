using System.Text.RegularExpressions;

namespace DatasetBuild.Pipeline;

/// <summary>What the <c>Include</c> of an item takes in, as far as its text alone says that.</summary>
internal static class ItemPattern
{
    /// <summary>Whether MSBuild has to be asked what a text comes to.</summary>
    public static bool IsExpression(string written) => written.Contains("$(", StringComparison.Ordinal) || written.Contains("@(", StringComparison.Ordinal);

    /// <summary>What the full path of a file, with '/', matches where a path or a pattern is or takes in the file; null where the text alone does not say it.</summary>
    public static Regex? Of(string written, string projectDirectory)
    {
        if (written.Length == 0 || IsExpression(written))
        {
            return null;
        }

        var pattern = Path.GetFullPath(written.Replace('\\', '/'), projectDirectory).Replace('\\', '/');
        var expression = Regex.Escape(pattern)
            .Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal)
            .Replace(@"\*\*", ".*", StringComparison.Ordinal)
            .Replace(@"\*\.\*", @"\*", StringComparison.Ordinal) // a name without a dot too, as ever
            .Replace(@"\*", "[^/]*", StringComparison.Ordinal)
            .Replace(@"\?", "[^/]", StringComparison.Ordinal);
        return new Regex($"^{expression}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }
}
