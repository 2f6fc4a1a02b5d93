namespace DatasetBuild.Reporting;

/// <summary>A value that differs; null where there is none.</summary>
public sealed record ValueChange(string Name, string? Before, string? After)
{
    public override string ToString() => $"{Name} {Before ?? "unset"} → {After ?? "unset"}";
}

/// <summary>How a stage differs between two builds; a side is null where there is no such stage.</summary>
/// <param name="Before">The stage as it was.</param>
/// <param name="After">The stage as it is.</param>
/// <param name="Parameters">The declared parameters that differ.</param>
/// <param name="Scores">The lines of its scorers' identities that differ, by name: what besides the records can change a score.</param>
public sealed record StageDifference(ManifestStage? Before, ManifestStage? After, IReadOnlyList<ValueChange> Parameters, IReadOnlyList<string> Scores)
{
    public string Name => (After ?? Before)!.Name;

    public bool IsNone => Before is not null && After is not null && Parameters.Count == 0 && Scores.Count == 0;

    /// <summary>The difference in words; empty where there is none.</summary>
    public string Text => Before is null ? $"the stage {Name} is new"
        : After is null ? $"the stage {Name} is gone"
        : Parameters.Count > 0 ? $"{Name}: {string.Join(", ", Parameters)}"
        : Scores.Contains("evaluation") ? $"{Name}: the evaluation items changed"
        : Scores.Count > 0 ? $"{Name} scores otherwise: {string.Join(", ", Scores)} changed"
        : "";

    /// <summary>All stages of two builds: those of the later one in order, then those that are gone.</summary>
    public static IReadOnlyList<StageDifference> Of(Manifest before, Manifest after)
    {
        var old = before.Stages.ToDictionary(stage => stage.Name, StringComparer.OrdinalIgnoreCase);
        var differences = new List<StageDifference>();
        foreach (var stage in after.Stages)
        {
            old.Remove(stage.Name, out var was);
            differences.Add(new StageDifference(was, stage, was is null ? [] : Parameter(was, stage), was is null ? [] : Identity(was, stage)));
        }

        differences.AddRange(before.Stages.Where(stage => old.ContainsKey(stage.Name)).Select(stage => new StageDifference(stage, null, [], [])));
        return differences;
    }

    private static List<ValueChange> Parameter(ManifestStage was, ManifestStage stage)
    {
        var (old, now) = (Values(was), Values(stage));
        return [.. old.Keys.Union(now.Keys, StringComparer.Ordinal)
            .Select(name => new ValueChange(name, old.GetValueOrDefault(name), now.GetValueOrDefault(name)))
            .Where(change => change.Before != change.After)];

        static Dictionary<string, string> Values(ManifestStage stage)
        {
            var values = stage.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal);
            values["Kind"] = stage.Kind;
            return values;
        }
    }

    private static List<string> Identity(ManifestStage was, ManifestStage stage)
    {
        var (old, now) = (Lines(was), Lines(stage));
        return [.. old.Except(now, StringComparer.Ordinal).Concat(now.Except(old, StringComparer.Ordinal)).Select(line => line.Split('=')[0]).Distinct(StringComparer.Ordinal)];

        static List<string> Lines(ManifestStage stage) => [.. stage.Identities.SelectMany(identity => identity.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
    }
}
