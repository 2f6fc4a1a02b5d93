using DatasetBuild.Caching;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tool.Answers;

/// <summary>One thing that changed since the last build.</summary>
/// <param name="Kind">shard, file, stage, property, output, engine or project.</param>
/// <param name="Name">Which one.</param>
/// <param name="What">new, removed, changed or moved.</param>
/// <param name="Detail">From what to what; may be empty.</param>
internal sealed record Change(string Kind, string Name, string What, string Detail = "");

/// <summary>Whether the subset is what a build would make now, and if not, what changed.</summary>
internal sealed record Staleness(bool IsCurrent, string Reason, IReadOnlyList<Change> Changes, LastBuild? Last)
{
    public static Staleness Of(Plan plan)
    {
        if (LastBuild.Load(plan.StatePath) is not { } last)
        {
            return new Staleness(false, "it was not built before", [], null);
        }

        if (last.IsCurrent(ContentDigest.Read(plan.Digest), out var difference))
        {
            return new Staleness(true, "", [], last);
        }

        List<Change> changes = [.. Engine(last), .. ComparePlans(plan), .. Inputs(plan, last), .. Outputs(plan, last)];
        return new Staleness(false, difference, changes, last);
    }

    private static IEnumerable<Change> Engine(LastBuild last)
    {
        if (last.Engine != EngineVersion.Build)
        {
            yield return new Change("engine", "DatasetBuild", "changed", $"{last.Engine.Split('/')[0]} to {EngineVersion.Text}{(last.Engine.Split('/')[0] == EngineVersion.Text ? " (another build of it)" : "")}");
        }
    }

    private static IEnumerable<Change> ComparePlans(Plan plan)
    {
        Plan built;
        try
        {
            built = Plan.Load(LastBuild.PlanPathIn(plan.StatePath));
        }
        catch (DatasetException)
        {
            return [];
        }

        return [.. PlanDifference.Shards(built, plan), .. PlanDifference.Stages(built, plan), .. PlanDifference.Properties(built, plan)];
    }

    /// <summary>Files that both builds read, but with another content.</summary>
    private static IEnumerable<Change> Inputs(Plan plan, LastBuild last)
    {
        var shards = plan.Shards.Select(shard => shard.FullPath).ToHashSet(StringComparer.Ordinal);
        foreach (var file in last.Inputs)
        {
            var kind = shards.Contains(file.Path) ? "shard" : "file";
            if (!FileStamp.TryOf(file.Path, out var now))
            {
                yield return new Change(kind, plan.Display(file.Path), "removed");
            }
            else if (file.Racy && now == file.Stamp)
            {
                yield return new Change(kind, plan.Display(file.Path), "changed", "perhaps: it was written just before the last build");
            }
            else if (now != file.Stamp)
            {
                yield return new Change(kind, plan.Display(file.Path), "changed", now.Size == file.Stamp.Size ? "" : $"{Output.Numbers.Bytes(file.Stamp.Size)} to {Output.Numbers.Bytes(now.Size)}");
            }
        }
    }

    private static IEnumerable<Change> Outputs(Plan plan, LastBuild last)
    {
        foreach (var file in last.Outputs.Concat(last.Reports))
        {
            if (!FileStamp.TryOf(file.Path, out var now))
            {
                yield return new Change("output", plan.Display(file.Path), "removed");
            }
            else if (now != file.Stamp)
            {
                yield return new Change("output", plan.Display(file.Path), "changed");
            }
        }
    }
}
