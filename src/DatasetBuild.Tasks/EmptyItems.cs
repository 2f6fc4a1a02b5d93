using System.Xml;
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

        try
        {
            using var reader = XmlReader.Create(project, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            while (ReadUnconditional(reader))
            {
                var name = reader.LocalName == "ProjectReference" ? reader.GetAttribute("OutputItemType") : reader.LocalName;
                if (reader.GetAttribute("Include") is { } include && lists.FirstOrDefault(list => list.Name == name) is ({ } item, var files)
                    && Empty(reader.LocalName == name, include, files, project) is { } text)
                {
                    var (line, column) = ElementPlace.Of(reader);
                    log.LogWarning(null, Code, null, project, line, column, 0, 0, "{0}", $"{item}: {text}");
                }
            }
        }
        catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
        {
            // MSBuild has read it, and would have said so.
        }
    }

    /// <summary>Goes to the next element that is there in any case, in every evaluation.</summary>
    private static bool ReadUnconditional(XmlReader reader)
    {
        var isAt = reader.Read();
        while (isAt && (reader.NodeType != XmlNodeType.Element || reader.GetAttribute("Condition") is not null || reader.LocalName is "Target" or "Choose"))
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                reader.Skip();
                isAt = !reader.EOF;
            }
            else
            {
                isAt = reader.Read();
            }
        }

        return isAt;
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
            .FirstOrDefault(part => part.AsSpan().ContainsAny('*', '?') && ItemPattern.Of(ItemPattern.Unescaped(part), folder) is { } pattern && !files.Any(file => pattern.Matches(file.Path)));
        return unmatched is null ? null : $"no file matches '{unmatched}'. Check the pattern, relative to the project's folder, or take it out.";
    }
}
