using DatasetBuild.Pipeline;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Tasks;

/// <summary>
/// A misspelt property does nothing, and MSBuild says nothing. Those of the command line can be seen here; one that is almost a property of ours is
/// told. Any other is the user's own, even where its name begins as ours do.
/// </summary>
internal static class PropertyNames
{
    private const string Prefix = "Dataset";

    /// <param name="log">Takes the warnings.</param>
    /// <param name="project">Whose properties they are.</param>
    /// <param name="given">The names of the properties that came from the command line, or with a reference.</param>
    /// <param name="known">The names of the properties that there are.</param>
    public static void WarnOfMisspelt(TaskLoggingHelper log, string project, IEnumerable<string> given, IReadOnlyCollection<string> known)
    {
        foreach (var name in given.Where(IsLikeOurs).Except(known, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal))
        {
            // What all names have in common would make any two of them look alike.
            if (Spelling.Nearest(name[Prefix.Length..], known.Where(IsLikeOurs).Select(other => other[Prefix.Length..])) is { } nearest)
            {
                log.LogWarning(null, "DSB2019", null, project, 0, 0, 0, 0, "{0}",
                    $"the property {name} was given, and DatasetBuild has none of that name. Did you mean {Prefix}{nearest}?");
            }
        }
    }

    private static bool IsLikeOurs(string name) => name.Length > Prefix.Length && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
