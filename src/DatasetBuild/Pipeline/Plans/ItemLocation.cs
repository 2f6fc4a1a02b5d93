using System.Xml;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Where an item or a property of the project stands. MSBuild tells a task the file of an item but not the line, and of a property nothing; so it is looked
/// for in the XML, and only when there is something to report.
/// </summary>
public sealed class ItemLocation
{
    // What MSBuild imports by itself around a project, from the project's folder or the nearest one above it.
    private static readonly string[] Imported = ["Directory.Build.targets", "Directory.Build.props"];

    private readonly string file;
    private readonly string element;
    private readonly bool isProperty;
    private readonly Func<string, bool> isMeant;

    private ItemLocation(string file, string element, Func<string, bool> isMeant, bool isProperty = false)
    {
        this.file = file;
        this.element = element;
        this.isMeant = isMeant;
        this.isProperty = isProperty;
    }

    /// <summary>The item that has a name of its own, such as a stage.</summary>
    public static ItemLocation Named(string file, string element, string name) =>
        new(file, element, written => written.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The item that brought in a file, by its name or by a pattern, both relative to the project's folder.</summary>
    public static ItemLocation OfFile(string file, string element, string fullPath, string projectDirectory) =>
        new(file, element, written => ItemPattern.Of(written, projectDirectory)?.Matches(fullPath) == true);

    /// <summary>The first of some items.</summary>
    public static ItemLocation Any(string file, string element) => new(file, element, static _ => true);

    /// <summary>A property: in the project, or in the files around it that MSBuild imports by itself.</summary>
    public static ItemLocation Property(string project, string name) => new(project, name, static _ => true, isProperty: true);

    /// <summary>The file and the line; line 0 where it cannot be found, since it stands in another file or is made up of other things.</summary>
    public (string File, int Line) Find()
    {
        if (LineIn(file) is var line and > 0)
        {
            return (file, line);
        }

        foreach (var imported in isProperty ? Imported.Select(NearestAbove).OfType<string>() : [])
        {
            if (LineIn(imported) is var there and > 0)
            {
                return (imported, there);
            }
        }

        return (file, 0);
    }

    public DatasetException Fail(string code, string message) => new(Say(Severity.Error, code, message));

    public Diagnostic Say(Severity severity, string code, string message)
    {
        var (found, line) = Find();
        return new Diagnostic(severity, code, message, found, line, line > 0 ? 1 : 0);
    }

    /// <summary>Of several the last one counts, as it does for MSBuild; where no name fits, the only one there is must be meant.</summary>
    private int LineIn(string path)
    {
        if (!File.Exists(path))
        {
            return 0;
        }

        try
        {
            using var reader = XmlReader.Create(path, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            int meant = 0, only = 0, count = 0;
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element || !reader.LocalName.Equals(element, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                var line = ((IXmlLineInfo)reader).LineNumber;
                var written = reader.GetAttribute("Include") ?? reader.GetAttribute("Update");
                if (isProperty ? written is null : written?.Split(';', StringSplitOptions.TrimEntries).Any(name => isMeant(name) || isMeant(ItemPattern.Unescaped(name))) == true)
                {
                    meant = line;
                }

                only = line;
                count++;
            }

            return meant > 0 || isProperty || count != 1 ? meant : only;
        }
        catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private string? NearestAbove(string name)
    {
        for (var folder = Path.GetDirectoryName(file); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
