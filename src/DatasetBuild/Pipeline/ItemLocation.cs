using System.Xml;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Where an item of the project stands. MSBuild tells a task the file but not the line, so the line is looked for in the file's XML, and only
/// when there is something to report.
/// </summary>
public sealed class ItemLocation(string file, string? element, string? include)
{
    public static ItemLocation None(string file) => new(file, null, null);

    public (string File, int Line) Find()
    {
        if (element is null || !File.Exists(file))
        {
            return (file, 0);
        }

        try
        {
            using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            var line = 0;
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element
                    && reader.LocalName == element
                    && (reader.GetAttribute("Include") ?? reader.GetAttribute("Update"))?.Split(';', StringSplitOptions.TrimEntries).Contains(include, StringComparer.OrdinalIgnoreCase) == true)
                {
                    line = ((IXmlLineInfo)reader).LineNumber;
                }
            }

            return (file, line);
        }
        catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
        {
            return (file, 0);
        }
    }
}
