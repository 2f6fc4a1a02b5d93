using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;

namespace DatasetBuild.Tool.Answers;

/// <summary>How many records changed in one way for one cause, and what that means for the subset.</summary>
internal sealed record ChangeCount(ChangeKind Kind, ChangeCause Cause, int Records, int Entered, int Left)
{
    /// <summary>By how many records the subset grew, with its sign; empty where it did not.</summary>
    public string Effect => (Entered, Left) switch
    {
        (0, 0) => "",
        (_, 0) => $"+{Output.Numbers.Count(Entered)}",
        (0, _) => $"-{Output.Numbers.Count(Left)}",
        _ => $"+{Output.Numbers.Count(Entered)} -{Output.Numbers.Count(Left)}",
    };
}

/// <summary>What differs between two datasets that were built: their shards, stages and records.</summary>
internal sealed class DatasetDifference(BuiltDataset before, BuiltDataset after)
{
    public BuiltDataset Before => before;

    public BuiltDataset After => after;

    public IReadOnlyList<StageDifference> Stages { get; } = [.. StageDifference.Of(before.Manifest, after.Manifest).Where(stage => !stage.IsNone)];

    /// <summary>Shards, files of the base and evaluation files that came, went or changed, and the split if it did, in words.</summary>
    public IReadOnlyList<string> Files { get; } =
    [
        .. Compare("shard", before.Manifest.Inputs, after.Manifest.Inputs, input => input.Path, input => input.Sha256, input => Output.Numbers.Counted(input.Records, "record")),
        .. Compare("base file", before.Manifest.Base, after.Manifest.Base, input => input.Path, input => input.Sha256, input => Output.Numbers.Counted(input.Records, "record")),
        .. Compare("evaluation file", before.Manifest.Evaluation, after.Manifest.Evaluation, file => file.Path, file => $"{file.Sha256} {file.Fields}", file => Output.Numbers.Counted(file.Items, "item")),
        .. after.Manifest.SplitChange(before.Manifest) is { } split ? [split] : Array.Empty<string>(),
    ];

    /// <summary>Whether single records can be compared at all, and with what became of those that were dropped.</summary>
    public (bool Records, bool Dropped) Knows => (before.Side is not null && after.Side is not null, before.Side?.HasVerdicts == true && after.Side?.HasVerdicts == true);

    /// <summary>Whether these are two datasets that have no record in common; known once the records are read.</summary>
    public bool AreUnrelated { get; private set; }

    /// <summary>Tells each record that differs, by kind and in canonical order, and counts them.</summary>
    public IReadOnlyList<ChangeCount> Read(Action<RecordChange> tell, CancellationToken cancel)
    {
        if (before.Side is null || after.Side is null)
        {
            return [];
        }

        var counts = new Dictionary<(ChangeKind, string), ChangeCount>();
        var isOne = before.Manifest.Name == after.Manifest.Name;
        var comparison = PoolComparison.Of(before.Side, after.Side, isOne, cancel);
        AreUnrelated = !isOne && !comparison.HasCommon;
        using var changes = new ChangeReader(before.Side, after.Side, comparison);
        foreach (var change in changes.Read())
        {
            cancel.ThrowIfCancellationRequested();
            var place = (change.Kind, change.Cause.Text);
            var count = counts.GetValueOrDefault(place) ?? new ChangeCount(change.Kind, change.Cause with { Detail = "" }, 0, 0, 0);
            counts[place] = count with
            {
                Records = count.Records + 1,
                Entered = count.Entered + (change.EntersSubset ? 1 : 0),
                Left = count.Left + (change.LeavesSubset ? 1 : 0),
            };
            tell(change);
        }

        return [.. counts.Values.OrderBy(count => count.Kind).ThenByDescending(count => count.Records).ThenBy(count => count.Cause.Text, StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Compare<T>(string kind, IReadOnlyList<T> before, IReadOnlyList<T> after, Func<T, string> path, Func<T, string> content, Func<T, string> size)
        where T : class
    {
        var old = before.ToDictionary(path, StringComparer.Ordinal);
        foreach (var file in after)
        {
            if (!old.Remove(path(file), out var was))
            {
                yield return $"{kind} {path(file)} is new: {size(file)}";
            }
            else if (content(was) != content(file))
            {
                yield return size(was) == size(file) ? $"{kind} {path(file)} changed: {size(file)}" : $"{kind} {path(file)} changed: {size(was)} → {size(file)}";
            }
        }

        foreach (var gone in before.Where(file => old.ContainsKey(path(file))))
        {
            yield return $"{kind} {path(gone)} is gone: {size(gone)}";
        }
    }
}
