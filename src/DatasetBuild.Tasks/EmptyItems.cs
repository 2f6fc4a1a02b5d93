using System.Xml;
using System.Xml.Linq;
using DatasetBuild.Pipeline;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Tasks;

/// <summary>
/// MSBuild makes no item of a pattern that matches nothing, and says nothing. What the project file itself declares, under no condition, is looked at here.
/// A file by its name is an item even if it is not there: the engine tells that one.
/// </summary>
internal static class EmptyItems
{
    private const string Code = "DSB2023";

    /// <param name="log">Takes the warnings.</param>
    /// <param name="project">The project file.</param>
    /// <param name="lists">The names of the items, with what became of them. Without any shard there is an error, and nothing more to be said.</param>
    public static void Warn(TaskLoggingHelper log, string project, IReadOnlyList<(string Name, IReadOnlyList<Shard> Files)> lists)
    {
        if (lists[0].Files.Count == 0)
        {
            return;
        }

        foreach (var element in Read(project)?.Descendants().Where(IsUnconditional) ?? [])
        {
            var name = element.Name.LocalName == "ProjectReference" ? element.Attribute("OutputItemType")?.Value : element.Name.LocalName;
            if (element.Attribute("Include")?.Value is { } include && lists.FirstOrDefault(list => list.Name == name) is ({ } item, var files)
                && Empty(element.Name.LocalName == name, include, files, project) is { } text)
            {
                log.LogWarning(null, Code, null, project, ((IXmlLineInfo)element).LineNumber, 1, 0, 0, "{0}", $"{item}: {text}");
            }
        }
    }

    /// <summary>What in an <c>Include</c> brings no file, in words; null where that cannot be said of any part of it.</summary>
    private static string? Empty(bool isFile, string include, IReadOnlyList<Shard> files, string project)
    {
        if (!isFile || ItemPattern.IsExpression(include))
        {
            return files.Count > 0 ? null : $"'{include}' brings no file, nor does anything else. Check it, or take it out.";
        }

        var folder = Path.GetDirectoryName(project)!;
        var unmatched = include.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(part => part.AsSpan().ContainsAny('*', '?') && ItemPattern.Of(part, folder) is { } pattern && !files.Any(file => pattern.IsMatch(file.Path.Replace('\\', '/'))));
        return unmatched is null ? null : $"no file matches '{unmatched}'. Check the pattern, relative to the project's folder, or take it out.";
    }

    private static bool IsUnconditional(XElement element) =>
        !element.AncestorsAndSelf().Any(outer => outer.Attribute("Condition") is not null || outer.Name.LocalName is "Target" or "Choose");

    private static XDocument? Read(string project)
    {
        try
        {
            using var reader = XmlReader.Create(project, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            return XDocument.Load(reader, LoadOptions.SetLineInfo);
        }
        catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
        {
            return null; // MSBuild has read it, and would have said so
        }
    }
}
