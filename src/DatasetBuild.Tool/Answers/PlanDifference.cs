using DatasetBuild.Pipeline;

namespace DatasetBuild.Tool.Answers;

/// <summary>What differs between the plan that was built and the one that would be built now.</summary>
internal static class PlanDifference
{
    public static IEnumerable<Change> Shards(Plan built, Plan now) =>
        [.. Files("shard", built.Shards, now.Shards), .. Files("base file", built.Base, now.Base), .. Files("evaluation file", built.Evaluation, now.Evaluation)];

    private static IEnumerable<Change> Files(string kind, IReadOnlyList<PlanShard> built, IReadOnlyList<PlanShard> now)
    {
        var before = built.ToDictionary(shard => shard.FullPath, StringComparer.Ordinal);
        foreach (var shard in now)
        {
            if (!before.Remove(shard.FullPath, out var old))
            {
                yield return new Change(kind, shard.Name, "new");
            }
            else if (old != shard)
            {
                yield return new Change(kind, shard.Name, "changed", "it is declared otherwise");
            }
        }

        // One whose file is gone is told of where files are looked at.
        foreach (var gone in before.Values.Where(shard => File.Exists(shard.FullPath)))
        {
            yield return new Change(kind, gone.Name, "removed", "from the project");
        }
    }

    public static IEnumerable<Change> Stages(Plan built, Plan now)
    {
        var before = built.Stages.ToDictionary(stage => stage.Name, StringComparer.OrdinalIgnoreCase);
        var order = built.Stages.Select(stage => stage.Name).Where(name => now.Stages.Any(stage => Same(stage.Name, name))).ToList();
        var place = 0;
        foreach (var stage in now.Stages)
        {
            if (!before.Remove(stage.Name, out var old))
            {
                yield return new Change("stage", stage.Name, "new");
                continue;
            }

            if (Difference(old.Metadata, stage.Metadata) is { Length: > 0 } difference)
            {
                yield return new Change("stage", stage.Name, "changed", difference);
            }
            else if (!Same(order[place], stage.Name))
            {
                yield return new Change("stage", stage.Name, "moved");
            }

            place++;
        }

        foreach (var gone in before.Values)
        {
            yield return new Change("stage", gone.Name, "removed");
        }
    }

    public static IEnumerable<Change> Properties(Plan built, Plan now)
    {
        foreach (var name in built.Properties.Keys.Union(now.Properties.Keys, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal))
        {
            var (before, after) = (built.Properties.GetValueOrDefault(name), now.Properties.GetValueOrDefault(name));
            if (before != after)
            {
                yield return new Change("property", name, before is null ? "new" : after is null ? "removed" : "changed", $"{before ?? "unset"} to {after ?? "unset"}");
            }
        }

        foreach (var (name, before, after) in (IEnumerable<(string, string, string)>)
            [("DatasetOutputPath", built.OutputPath, now.OutputPath), ("DatasetReportPath", built.ReportPath, now.ReportPath), ("DatasetCachePath", built.CachePath, now.CachePath)])
        {
            if (before != after)
            {
                yield return new Change("property", name, "changed", $"{before} to {after}");
            }
        }
    }

    private static string Difference(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) => string.Join(", ", before.Keys
        .Union(after.Keys, StringComparer.OrdinalIgnoreCase)
        .Where(name => before.GetValueOrDefault(name) != after.GetValueOrDefault(name))
        .Select(name => $"{name} {before.GetValueOrDefault(name) ?? "unset"} to {after.GetValueOrDefault(name) ?? "unset"}"));

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
}
