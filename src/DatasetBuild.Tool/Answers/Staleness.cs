using System.Text.Json;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tool.Answers;

/// <summary>One thing that changed since the last build.</summary>
/// <param name="Kind">shard, file, stage, property, output, engine, project or dataset.</param>
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

        var contents = new Lazy<StatTable>(() => StatTable.Load(Path.Combine(plan.StatePath, StatTable.FileName)));
        if (last.IsCurrent(ContentDigest.Read(plan.Digest), out var difference, IsSame))
        {
            return CommitJournal.IsPending(plan.OutputPath)
                ? new Staleness(false, "a build was interrupted while it put the subset in place", [], last)
                : new Staleness(true, "", [], last);
        }

        var built = BuiltPlan(plan);
        List<Change> changes = [.. Engine(last), .. Plans(built, plan), .. Inputs(built, plan, last, IsSame), .. Outputs(plan, last)];
        return new Staleness(false, difference, changes, last);

        // A stamp that moved, or that says little, is no change yet: whoever asks may have the content compared. A build reads it anyway.
        bool IsSame(SeenFile file) => contents.Value.TryGetNoted(file.Path, file.Stamp, out var digest) && ContentDigest.TryOfFile(file.Path) == digest;
    }

    /// <summary>The same of a project that takes in other datasets, some of them stale.</summary>
    public Staleness With(IReadOnlyList<string> staleReferences) => staleReferences.Count == 0 ? this : new Staleness(
        false,
        "a dataset that it takes in is not up to date",
        [.. staleReferences.Select(reference => new Change("dataset", Output.Paths.Short(reference), "stale")), .. Changes],
        Last);

    /// <summary>The properties <c>reason</c> and <c>changes</c>.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("reason", Reason);
        json.WriteStartArray("changes");
        foreach (var change in Changes)
        {
            json.WriteStartObject();
            json.WriteString("kind", change.Kind);
            json.WriteString("name", change.Name);
            json.WriteString("change", change.What);
            json.WriteString("detail", change.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static IEnumerable<Change> Engine(LastBuild last)
    {
        if (last.Engine != EngineVersion.Build)
        {
            yield return new Change("engine", "DatasetBuild", "changed", $"{last.Engine.Split('/')[0]} to {EngineVersion.Text}{(last.Engine.Split('/')[0] == EngineVersion.Text ? " (another build of it)" : "")}");
        }
    }

    /// <summary>The plan that the last build built, or null where it is lost.</summary>
    private static Plan? BuiltPlan(Plan plan)
    {
        try
        {
            return Plan.Load(LastBuild.PlanPathIn(plan.StatePath));
        }
        catch (DatasetException)
        {
            return null;
        }
    }

    private static IEnumerable<Change> Plans(Plan? built, Plan plan) =>
        built is null ? [] : [.. PlanDifference.Shards(built, plan), .. PlanDifference.Stages(built, plan), .. PlanDifference.Properties(built, plan)];

    /// <summary>Files that the last build read and that are gone, or not as they were.</summary>
    private static IEnumerable<Change> Inputs(Plan? built, Plan plan, LastBuild last, Func<SeenFile, bool> isSame)
    {
        var shards = plan.Shards.Concat(built?.Shards ?? []).Select(shard => shard.FullPath).ToHashSet(StringComparer.Ordinal);
        foreach (var file in last.Inputs)
        {
            var kind = shards.Contains(file.Path) ? "shard" : "file";
            if (!FileStamp.TryOf(file.Path, out var now))
            {
                if (!file.IsAbsent)
                {
                    yield return new Change(kind, plan.Display(file.Path), "removed");
                }
            }
            else if (file.IsAbsent)
            {
                yield return new Change(kind, plan.Display(file.Path), "added");
            }
            else if ((file.Racy || now != file.Stamp) && isSame(file))
            {
                continue;
            }
            else if (file.Racy && now == file.Stamp)
            {
                yield return new Change(kind, plan.Display(file.Path), "changed", IsReadEachTime(plan) ? "perhaps: DatasetVerifyInputs has it read each time" : "perhaps: it was written just before the last build");
            }
            else if (now != file.Stamp)
            {
                yield return new Change(kind, plan.Display(file.Path), "changed", now.Size == file.Stamp.Size ? "" : $"{Output.Numbers.Bytes(file.Stamp.Size)} to {Output.Numbers.Bytes(now.Size)}");
            }
        }
    }

    private static bool IsReadEachTime(Plan plan) => plan.Properties.TryGetValue("DatasetVerifyInputs", out var value) && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Change> Outputs(Plan plan, LastBuild last)
    {
        foreach (var file in last.Outputs.Concat(last.Reports))
        {
            if (!FileStamp.TryOf(file.Path, out _))
            {
                yield return new Change("output", plan.Display(file.Path), "removed");
            }
            else if (!file.IsSameAt(file.Path))
            {
                yield return new Change("output", plan.Display(file.Path), "changed");
            }
        }

        foreach (var stray in last.StrayOutputs())
        {
            yield return new Change("output", plan.Display(stray), "new", "not of the subset");
        }
    }
}
