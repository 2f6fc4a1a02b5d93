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

    /// <summary>The file and the place of the element in it, as MSBuild counts; 0 where it cannot be found, since it stands in another file or is made up of other things.</summary>
    public (string File, int Line, int Column) Find()
    {
        if (PlaceIn(file) is { Line: > 0 } place)
        {
            return (file, place.Line, place.Column);
        }

        foreach (var imported in isProperty ? Imported.Select(NearestAbove).OfType<string>() : [])
        {
            if (PlaceIn(imported) is { Line: > 0 } there)
            {
                return (imported, there.Line, there.Column);
            }
        }

        return (file, 0, 0);
    }

    public DatasetException Fail(string code, string message) => new(Say(Severity.Error, code, message));

    public Diagnostic Say(Severity severity, string code, string message)
    {
        var (found, line, column) = Find();
        return new Diagnostic(severity, code, message, found, line, column);
    }

    /// <summary>Of several the last one counts, as it does for MSBuild; where no name fits, the only one there is must be meant.</summary>
    private (int Line, int Column) PlaceIn(string path)
    {
        if (!File.Exists(path))
        {
            return default;
        }

        try
        {
            using var reader = XmlReader.Create(path, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
            (int Line, int Column) meant = default, only = default;
            var count = 0;
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element || !reader.LocalName.Equals(element, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                var place = ElementPlace.Of(reader);
                var written = reader.GetAttribute("Include") ?? reader.GetAttribute("Update");
                if (isProperty ? written is null : written?.Split(';', StringSplitOptions.TrimEntries).Any(part => isMeant(part) || isMeant(ItemPattern.Unescaped(part))) == true)
                {
                    meant = place;
                }

                only = place;
                count++;
            }

            return meant.Line > 0 || isProperty || count != 1 ? meant : only;
        }
        catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
        {
            return default;
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
