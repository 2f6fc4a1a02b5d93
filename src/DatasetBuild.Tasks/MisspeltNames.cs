using System.Xml;
using DatasetBuild.Pipeline;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Tasks;

/// <summary>
/// A misspelt property or item does nothing, and MSBuild says nothing. What the command line gives and what the project file declares can be seen here; a name that is
/// almost one of ours is told. Any other is the user's own, even where it begins as ours do.
/// </summary>
internal sealed class MisspeltNames(TaskLoggingHelper log, string project, IReadOnlyCollection<string> properties)
{
    private const string Code = "DSB2019";
    private const string Prefix = "Dataset";
    private static readonly string[] Items = ["DatasetShard", "DatasetBase", "DatasetEvaluation", "SelectorStage"];

    /// <param name="given">The names of the properties that came from the command line, or with a reference.</param>
    public void WarnOfGiven(IEnumerable<string> given)
    {
        foreach (var name in given.Order(StringComparer.Ordinal))
        {
            if (NearestOf(name, properties) is { } nearest)
            {
                log.LogWarning(null, Code, null, project, 0, 0, 0, 0, "{0}", $"the property {name} was given, and DatasetBuild has none of that name. Did you mean {nearest}?");
            }
        }
    }

    /// <summary>Looks at the project file itself, under whatever conditions: what it imports is not ours to read.</summary>
    public void WarnOfDeclared()
    {
        try
        {
            var text = File.ReadAllText(project);
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            var parents = new List<string>();
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element)
                {
                    continue;
                }

                parents.RemoveRange(reader.Depth, parents.Count - reader.Depth);
                if (Find(reader, parents.LastOrDefault(), text) is { } told)
                {
                    var (line, column) = ElementPlace.Of(reader);
                    log.LogWarning(null, Code, null, project, line, column, 0, 0, "{0}", told);
                }

                parents.Add(reader.LocalName);
            }
        }
        catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
        {
            // MSBuild has read it, and would have said so.
        }
    }

    /// <summary>What is wrong with the name of an element; null where nothing is, or where the file itself makes use of it.</summary>
    private string? Find(XmlReader element, string? parent, string text)
    {
        var (what, name, known, use) = (parent, element.LocalName) switch
        {
            ("PropertyGroup", _) => ("property", element.LocalName, properties, "$("),
            ("ItemGroup", "ProjectReference") => ("OutputItemType", element.GetAttribute("OutputItemType") ?? "", Items, "@("),
            ("ItemGroup", _) => ("item", element.LocalName, Items, "@("),
            _ => ("", "", (IReadOnlyCollection<string>)[], ""),
        };
        return NearestOf(name, known) is { } nearest && !text.Contains(use + name, StringComparison.OrdinalIgnoreCase)
            ? $"the {what} {name} means nothing to DatasetBuild. Did you mean {nearest}?"
            : null;
    }

    /// <summary>The known name that a name is almost; null where it is one, or is like none.</summary>
    private static string? NearestOf(string name, IReadOnlyCollection<string> known)
    {
        if (known.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        // What all names have in common would make any two of them look alike.
        var start = IsLikeOurs(name) ? Prefix.Length : 0;
        return Spelling.Nearest(name[start..], known.Where(other => IsLikeOurs(other) == (start > 0)).Select(other => other[start..])) is { } nearest ? (start > 0 ? Prefix : "") + nearest : null;
    }

    private static bool IsLikeOurs(string name) => name.Length > Prefix.Length && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
