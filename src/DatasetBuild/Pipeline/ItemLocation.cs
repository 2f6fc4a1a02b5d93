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
                    && (reader.GetAttribute("Include") ?? reader.GetAttribute("Update"))?.Split(';', StringSplitOptions.TrimEntries).Any(IsNamed) == true)
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

    /// <summary>In the file a character may stand as MSBuild escapes it: a percent sign and two digits.</summary>
    private bool IsNamed(string written) =>
        written.Equals(include, StringComparison.OrdinalIgnoreCase) || Uri.UnescapeDataString(written).Equals(include, StringComparison.OrdinalIgnoreCase);
}
