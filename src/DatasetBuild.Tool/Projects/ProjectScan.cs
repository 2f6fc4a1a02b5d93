using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace DatasetBuild.Tool.Projects;

/// <summary>
/// Reads what the users' own project files can make an evaluation depend on: patterns, conditions on files, functions. Whatever it does not understand
/// ends it, with the reason: then only MSBuild itself can say what the project comes to.
/// </summary>
internal sealed partial class ProjectScan(Evaluation evaluation, EvaluationInputs inputs)
{
    // Functions whose result follows from their arguments alone.
    private static readonly HashSet<string> PureTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        "System.String", "System.Math", "System.Convert", "System.Char", "System.Int32", "System.Int64", "System.Double", "System.Decimal", "System.Boolean", "System.Version",
        "System.StringComparison", "System.Text.RegularExpressions.Regex", "System.Globalization.CultureInfo",
    };

    private static readonly HashSet<string> PureFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "System.IO.Path::Combine", "System.IO.Path::GetFileName", "System.IO.Path::GetFileNameWithoutExtension", "System.IO.Path::GetDirectoryName",
        "System.IO.Path::GetExtension", "System.IO.Path::ChangeExtension", "System.IO.Path::IsPathRooted", "System.IO.Path::DirectorySeparatorChar",
        "MSBuild::NormalizePath", "MSBuild::NormalizeDirectory", "MSBuild::EnsureTrailingSlash", "MSBuild::MakeRelative", "MSBuild::ValueOrDefault", "MSBuild::Escape",
        "MSBuild::Unescape", "MSBuild::IsOSPlatform", "MSBuild::IsOSUnixLike", "MSBuild::Add", "MSBuild::Subtract", "MSBuild::Multiply", "MSBuild::Divide", "MSBuild::Modulo",
        "MSBuild::VersionEquals", "MSBuild::VersionNotEquals", "MSBuild::VersionGreaterThan", "MSBuild::VersionGreaterThanOrEquals", "MSBuild::VersionLessThan",
        "MSBuild::VersionLessThanOrEquals", "MSBuild::GetTargetFrameworkIdentifier", "MSBuild::GetTargetFrameworkVersion", "MSBuild::IsTargetFrameworkCompatible",
        "MSBuild::GetTargetPlatformIdentifier", "MSBuild::GetTargetPlatformVersion", "MSBuild::GetPathOfFileAbove", "MSBuild::GetDirectoryNameOfFileAbove",
    };

    private static readonly HashSet<string> PureItemFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "Distinct", "DistinctWithCase", "Reverse", "ClearMetadata", "Count", "WithMetadataValue", "WithoutMetadataValue", "HasMetadata", "Metadata", "AnyHaveMetadataValue",
    };

    private readonly Dictionary<string, int> assignments = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds what the files depend on to the inputs. Returns why that cannot be known, or null.</summary>
    public string? Run(IReadOnlyList<string> files)
    {
        try
        {
            var documents = files.Select(file => (File: file, Xml: XDocument.Load(file))).ToList();
            foreach (var property in documents.SelectMany(document => document.Xml.Descendants()).Where(element => element.Parent?.Name.LocalName == "PropertyGroup"))
            {
                assignments[property.Name.LocalName] = assignments.GetValueOrDefault(property.Name.LocalName) + 1;
            }

            foreach (var (file, xml) in documents)
            {
                foreach (var element in xml.Descendants())
                {
                    if (Element(element, file) is { } reason)
                    {
                        return $"{Path.GetFileName(file)} {reason}";
                    }
                }
            }

            return null;
        }
        catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return error.Message;
        }
    }

    private string? Element(XElement element, string file)
    {
        var name = element.Name.LocalName;
        if (name is "Target" or "UsingTask" or "ProjectReference")
        {
            return name == "ProjectReference" ? "refers to another project" : $"has a {name} of its own";
        }

        foreach (var attribute in element.Attributes())
        {
            var reason = Text(attribute.Value, file) ?? attribute.Name.LocalName switch
            {
                "Condition" => Condition(attribute.Value, file),
                "Include" or "Exclude" or "Remove" or "Update" => Pattern(attribute.Value, file, evaluation.Folder),
                "Project" when name == "Import" && Wild().IsMatch(attribute.Value) => Pattern(attribute.Value, file, Path.GetDirectoryName(file)!),
                _ => null,
            };
            if (reason is not null)
            {
                return reason;
            }
        }

        return element.HasElements ? null : Text(element.Value, file);
    }

    /// <summary>What may stand anywhere: functions, items, and the few variables that no two processes agree on.</summary>
    private string? Text(string text, string file)
    {
        foreach (Match call in StaticFunction().Matches(text))
        {
            var (type, function) = (call.Groups[1].Value, call.Groups[2].Value);
            if (!PureTypes.Contains(type) && !PureFunctions.Contains($"{type}::{function}"))
            {
                return $"uses [{type}]::{function}";
            }

            if (function.EndsWith("FileAbove", StringComparison.OrdinalIgnoreCase))
            {
                if (FileAbove().Match(text, call.Index) is not { Success: true } sought || sought.Index != call.Index)
                {
                    return $"uses [{type}]::{function} in a way that cannot be followed";
                }

                var searched = sought.Groups[1].Success ? sought.Groups[1].Value : sought.Groups[2].Value;
                foreach (var place in Surroundings.Above(Path.GetDirectoryName(file)!, searched).Concat(Surroundings.Above(evaluation.Folder, searched)))
                {
                    inputs.AddPlace(place);
                }
            }
        }

        foreach (Match call in ItemFunction().Matches(text))
        {
            if (!PureItemFunctions.Contains(call.Groups[1].Value))
            {
                return $"uses the item function {call.Groups[1].Value}";
            }
        }

        if (Impure().Match(text) is { Success: true } impure)
        {
            return $"uses {impure.Value}";
        }

        if (RememberedPlan.Fleeting.FirstOrDefault(variable => text.Contains($"$({variable})", StringComparison.OrdinalIgnoreCase) || text.Contains($"$({variable}.", StringComparison.OrdinalIgnoreCase)) is { } fleeting)
        {
            return $"uses the variable {fleeting}";
        }

        // Items of others: those of the SDK come from patterns in the project's folder.
        return !text.Contains("@(", StringComparison.Ordinal) || inputs.AddFolder(evaluation.Folder, deep: true) ? null : "names the items of a folder that is too large to look at";
    }

    /// <summary>Conditions are looked at while properties still change: only one that is set once is known to have had its value.</summary>
    private string? Condition(string condition, string file)
    {
        if (!condition.Contains("Exists", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var found = Exists().Matches(condition);
        if (found.Count != condition.Split("Exists", StringSplitOptions.None).Length - 1 && found.Count != ExistsWord().Count(condition))
        {
            return "asks for a file in a way that cannot be followed";
        }

        foreach (Match exists in found)
        {
            var path = exists.Groups[1].Value;
            if (Reference().Matches(path).Any(reference => assignments.GetValueOrDefault(reference.Groups[1].Value) > 1) || Expand(path, file) is not { } expanded)
            {
                return $"asks whether {path} exists";
            }

            foreach (var folder in (string[])[evaluation.Folder, Path.GetDirectoryName(file)!])
            {
                inputs.AddPlace(Path.GetFullPath(Path.Combine(folder, expanded.Replace('\\', '/'))));
            }
        }

        return null;
    }

    /// <summary>Items are made when all properties have their values.</summary>
    private string? Pattern(string text, string file, string folder)
    {
        if (Expand(text, file) is not { } expanded)
        {
            return $"has a pattern that cannot be followed: {text}";
        }

        foreach (var pattern in expanded.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(pattern => Wild().IsMatch(pattern)))
        {
            var parts = pattern.Replace('\\', '/').Split('/');
            var firstWild = Array.FindIndex(parts, part => Wild().IsMatch(part));
            var root = Path.GetFullPath(Path.Combine(folder, string.Join('/', parts[..firstWild]) + (firstWild > 0 ? "/" : "")));
            if (!inputs.AddFolder(root, deep: firstWild < parts.Length - 1 || parts[firstWild].Contains("**", StringComparison.Ordinal)))
            {
                return $"has a pattern over a folder that is too large to look at: {text}";
            }
        }

        return null;
    }

    /// <summary>The text with its properties' values; null where it has more in it than plain properties.</summary>
    private string? Expand(string text, string file)
    {
        var expanded = Reference().Replace(text, reference => Value(reference.Groups[1].Value, file));
        return expanded.Contains("$(", StringComparison.Ordinal) || (Wild().IsMatch(expanded) && (expanded.Contains("@(", StringComparison.Ordinal) || expanded.Contains("%(", StringComparison.Ordinal)))
            ? null
            : expanded;
    }

    // What depends on the file that says it stands in no list of properties.
    private string Value(string name, string file) => name.ToUpperInvariant() switch
    {
        "MSBUILDTHISFILEDIRECTORY" => Path.GetDirectoryName(file) + "/",
        "MSBUILDTHISFILE" => Path.GetFileName(file),
        "MSBUILDTHISFILEFULLPATH" => file,
        "MSBUILDTHISFILENAME" => Path.GetFileNameWithoutExtension(file),
        "MSBUILDTHISFILEEXTENSION" => Path.GetExtension(file),
        "MSBUILDTHISFILEDIRECTORYNOROOT" => Path.GetDirectoryName(file)!.TrimStart('/') + "/",
        "MSBUILDPROJECTDIRECTORY" => evaluation.Folder,
        "MSBUILDPROJECTDIRECTORYNOROOT" => evaluation.Folder.TrimStart('/'),
        "MSBUILDPROJECTFILE" => Path.GetFileName(evaluation.Project),
        "MSBUILDPROJECTFULLPATH" => evaluation.Project,
        "MSBUILDPROJECTNAME" => Path.GetFileNameWithoutExtension(evaluation.Project),
        _ => evaluation.Property(name),
    };

    [GeneratedRegex(@"[*?]")]
    private static partial Regex Wild();

    [GeneratedRegex(@"\$\(\s*([A-Za-z_][\w-]*)\s*\)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\[\s*([\w.]+)\s*\]\s*::\s*(\w+)")]
    private static partial Regex StaticFunction();

    [GeneratedRegex(@"\[\s*MSBuild\s*\]\s*::\s*(?:GetPathOfFileAbove\(\s*'?([\w.-]+)'?\s*[,)]|GetDirectoryNameOfFileAbove\([^,]*,\s*'?([\w.-]+)'?\s*\))", RegexOptions.IgnoreCase)]
    private static partial Regex FileAbove();

    [GeneratedRegex(@"->\s*(\w+)\s*\(")]
    private static partial Regex ItemFunction();

    [GeneratedRegex(@"\$\(\s*Registry:|ModifiedTime|CreatedTime|AccessedTime", RegexOptions.IgnoreCase)]
    private static partial Regex Impure();

    [GeneratedRegex(@"\bExists\s*\(\s*'([^']*)'\s*\)", RegexOptions.IgnoreCase)]
    private static partial Regex Exists();

    [GeneratedRegex(@"\bExists\b", RegexOptions.IgnoreCase)]
    private static partial Regex ExistsWord();
}
