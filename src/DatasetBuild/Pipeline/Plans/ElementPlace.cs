using System.Xml;

namespace DatasetBuild.Pipeline;

/// <summary>Where an element stands in its file, as MSBuild counts.</summary>
internal static class ElementPlace
{
    /// <summary>Line and column of the bracket; the reader tells those of the name behind it.</summary>
    public static (int Line, int Column) Of(XmlReader reader)
    {
        var name = (IXmlLineInfo)reader;
        return (name.LineNumber, name.LinePosition - 1);
    }
}
