using System.Collections;
using Microsoft.Build.Framework;

namespace DatasetBuild.Tasks;

internal static class ItemMetadata
{
    private const string DefiningProject = "DefiningProjectFullPath";

    // What comes from another project is made into items by a target of ours, which says for whom.
    private const string DeclaredIn = "DatasetDeclaredIn";

    /// <summary>
    /// What the user wrote on the item, empty values included: an empty one is mostly a mistyped property, and the engine says so.
    /// Sorted, because MSBuild's own order differs from run to run and would make every plan look new.
    /// </summary>
    public static SortedDictionary<string, string> Of(ITaskItem item)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in item.CloneCustomMetadata())
        {
            metadata[(string)entry.Key] = (string?)entry.Value ?? "";
        }

        metadata.Remove(DeclaredIn);
        return metadata;
    }

    /// <summary>The file that declares the item, so that an error can name it: it need not be the project.</summary>
    public static string DefinedIn(ITaskItem item, string project)
    {
        var file = item.GetMetadata(DeclaredIn) is { Length: > 0 } declared ? declared : item.GetMetadata(DefiningProject);
        return file.Length > 0 ? file : project;
    }
}
