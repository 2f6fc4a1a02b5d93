using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Tasks;

internal static class ShardList
{
    private static readonly StringComparer PathComparer =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>
    /// Counts a file once however often it is reached, by two patterns or by a pattern and by name: the metadata of all its items add
    /// up. Where two of them contradict each other, neither wins in silence.
    /// </summary>
    public static bool TryMakeDistinct(
        IReadOnlyList<ITaskItem> items, string projectDirectory, TaskLoggingHelper log, string project, out IReadOnlyList<Shard> shards)
    {
        var seen = new Dictionary<string, Shard>(PathComparer);
        var distinct = new List<Shard>(items.Count);
        var consistent = true;
        foreach (var item in items)
        {
            var path = Path.GetFullPath(item.ItemSpec, projectDirectory);
            var metadata = ItemMetadata.Of(item);
            if (seen.TryGetValue(path, out var first))
            {
                consistent &= TryMerge(first, metadata, item, log, ItemMetadata.DefinedIn(item, project));
                continue;
            }

            var shard = new Shard(path, metadata, ItemMetadata.DefinedIn(item, project));
            seen.Add(path, shard);
            distinct.Add(shard);
        }

        shards = distinct;
        return consistent;
    }

    private static bool TryMerge(Shard shard, SortedDictionary<string, string> metadata, ITaskItem item, TaskLoggingHelper log, string definedIn)
    {
        var consistent = true;
        foreach (var (name, value) in metadata)
        {
            if (shard.Metadata.TryAdd(name, value) || shard.Metadata[name] == value)
            {
                continue;
            }

            consistent = false;
            log.LogError(null, "DSB2006", null, definedIn, 0, 0, 0, 0,
                $"The shard '{item.ItemSpec}' is included twice, with {name}=\"{shard.Metadata[name]}\" and with {name}=\"{value}\". " +
                "Give it one value, for example with <DatasetShard Update=\"…\">.");
        }

        return consistent;
    }
}
