using DatasetBuild.Selection;

namespace DatasetBuild.Reporting;

/// <summary>Tells of each difference what the record was, what it is, and why: from the rows of its verdicts and from what differs in the manifests.</summary>
internal sealed class ChangeReader(ComparedSide before, ComparedSide after, PoolComparison comparison) : IDisposable
{
    private static readonly string Near = DropReasons.Describe(DropReason.NearDuplicate);

    private readonly Dictionary<string, StageDifference> stages = StageDifference.Of(before.Manifest, after.Manifest).ToDictionary(stage => stage.Name, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> oldSources = [.. before.Sources];
    private readonly HashSet<string> newSources = [.. after.Sources];
    private readonly RowLookup oldRows = new(before);
    private readonly RowLookup newRows = new(after);
    private Dictionary<string, RowChange>? oldPlaces;
    private Dictionary<string, RowChange>? newPlaces;

    public IEnumerable<RecordChange> Read()
    {
        foreach (var change in comparison.Changes)
        {
            var old = change.Before is { } left ? Describe(left, oldRows) : null;
            var now = change.After is { } right ? Describe(right, newRows) : null;
            yield return new RecordChange(change.Kind, old, now, CauseOf(change.Kind, old, now));
        }
    }

    public void Dispose()
    {
        oldRows.Dispose();
        newRows.Dispose();
    }

    private ComparedRecord Describe(PoolRow row, RowLookup lookup)
    {
        var record = new ComparedRecord(comparison.NameOf(row.Source), row.Line, row.Key, comparison.FateOf(row));
        return lookup.Complete(record, row.Place);
    }

    private ChangeCause CauseOf(ChangeKind kind, ComparedRecord? old, ComparedRecord? now) => kind switch
    {
        ChangeKind.Added when !comparison.KnowsDropped => new ChangeCause("unknown", "in the subset, and not before"),
        ChangeKind.Removed when !comparison.KnowsDropped => new ChangeCause("unknown", "no longer in the subset"),
        ChangeKind.Added => new ChangeCause("source", oldSources.Contains(now!.Shard) ? $"new in {now.Shard}" : $"{now.Shard} is new"),
        ChangeKind.Removed => new ChangeCause("source", newSources.Contains(old!.Shard) ? $"gone from {old.Shard}" : $"{old.Shard} is gone"),
        ChangeKind.Edited => new ChangeCause("source", $"edited in {now!.Shard}"),
        ChangeKind.Moved when old!.Shard == now!.Shard || !comparison.KnowsDropped => new ChangeCause("split", $"{old.Fate.Split} → {now.Fate.Split}{(after.Manifest.SplitChange(before.Manifest) is { } split ? $": {split}" : "")}"),
        ChangeKind.Moved => new ChangeCause("source", $"{old.Shard} → {now.Shard}"),
        ChangeKind.Rescued => OfStage(old!.Fate.DroppedBy, old, now!, old.Twin.Length > 0 ? Rescuer(old.Twin) : null),
        _ => OfStage(now!.Fate.DroppedBy, old!, now, now.Twin.Length > 0 ? Displacer(now.Twin, now.Fate.Reason) : null),
    };

    /// <summary>Why a stage drops a record that it did not drop, or the other way round.</summary>
    private ChangeCause OfStage(string name, ComparedRecord old, ComparedRecord now, ChangeCause? twin)
    {
        if (twin is not null)
        {
            return twin;
        }

        var (was, value) = (old.Values.GetValueOrDefault(name), now.Values.GetValueOrDefault(name));
        var detail = now.Values.GetValueOrDefault($"{name} item") is { } item ? $"shares words with {item}" : (value ?? was) is { } score ? $"score {score}" : "";
        if (stages.TryGetValue(name, out var stage) && !stage.IsNone)
        {
            var kind = stage.Before is null || stage.After is null || stage.Parameters.Count > 0 ? "stage" : stage.Scores.Contains("evaluation") ? "evaluation" : "scores";
            return new ChangeCause(kind, stage.Text, detail);
        }

        if (was is not null && value is not null && was != value)
        {
            return new ChangeCause("value", $"{name}: another value of the record", $"{was} → {value}");
        }

        if (stage?.After is { } chaining && IsChained(chaining) && (old.Fate.Reason == Near || now.Fate.Reason == Near))
        {
            return new ChangeCause("twin", "a record of the chain to its twin came, went or changed", (now.Twin.Length > 0 ? now : old).Twin);
        }

        return stage is { Before: { } before, After: { } after }
            ? new ChangeCause("rank", (before.Kept, before.Entered) == (after.Kept, after.Entered)
                ? $"{name} keeps {after.Kept} of {after.Entered} as before, and others rank higher or lower now"
                : $"{name} keeps {after.Kept} of {after.Entered}, before {before.Kept} of {before.Entered}", detail)
            : new ChangeCause("unknown", $"{name} decides otherwise", detail);
    }

    /// <summary>What became of the twin that a record was dropped for; null where it is as it was.</summary>
    private ChangeCause? Rescuer(string twin)
    {
        if (HasChanged(twin, before.Manifest.Base, after.Manifest.Base))
        {
            return new ChangeCause("base", "DatasetBase changed, where its twin was", twin);
        }

        oldPlaces ??= Places(change => change.Before);
        return !oldPlaces.TryGetValue(twin, out var change) || IsSplitAlone(change) ? null : new ChangeCause("twin", change.Kind switch
        {
            ChangeKind.Removed => "its twin was removed",
            ChangeKind.Edited => "its twin was edited",
            ChangeKind.Moved => "its twin moved behind it",
            _ => $"its twin is {comparison.FateOf(change.After!.Value)}",
        }, twin);
    }

    /// <summary>Where the twin comes from that a record is dropped for now; null where it was there before.</summary>
    private ChangeCause? Displacer(string twin, string reason)
    {
        if (HasChanged(twin, after.Manifest.Base, before.Manifest.Base))
        {
            return new ChangeCause("base", "DatasetBase changed, where its twin is", twin);
        }

        newPlaces ??= Places(change => change.After);
        var like = reason == Near ? "near" : "the same as";
        return !newPlaces.TryGetValue(twin, out var change) || IsSplitAlone(change) ? null : new ChangeCause("twin", change.Kind switch
        {
            ChangeKind.Added => $"{like} a new record",
            ChangeKind.Edited => $"{like} an edited record",
            ChangeKind.Moved => $"{like} a record that moved before it",
            _ => $"{like} a record that was {comparison.FateOf(change.Before!.Value)}",
        }, twin);
    }

    /// <summary>Whether a record went from one side of the split to the other, and stands where it stood: it displaces nothing, and gives nothing back.</summary>
    private bool IsSplitAlone(RowChange change) =>
        change is { Kind: ChangeKind.Moved, Before: { } old, After: { } now } && comparison.NameOf(old.Source) == comparison.NameOf(now.Source);

    private static bool IsChained(ManifestStage stage) =>
        stage.Parameters.Any(parameter => parameter.Name == "Linkage" && parameter.Value.Equals(nameof(LinkageKind.Connected), StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a place lies in a file of one side's base that the other side's does not have, or has with other bytes.</summary>
    private static bool HasChanged(string place, IReadOnlyList<ManifestInput> files, IReadOnlyList<ManifestInput> others)
    {
        var path = place[..Math.Max(0, place.LastIndexOf(':'))];
        return files.Any(file => file.Path == path && !others.Any(other => other.Path == path && other.Sha256 == file.Sha256));
    }

    private Dictionary<string, RowChange> Places(Func<RowChange, PoolRow?> side)
    {
        var places = new Dictionary<string, RowChange>(StringComparer.Ordinal);
        foreach (var change in comparison.Changes)
        {
            if (side(change) is { } row)
            {
                places[$"{comparison.NameOf(row.Source)}:{row.Line}"] = change;
            }
        }

        return places;
    }
}
