using System.Globalization;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Reporting;
using DatasetBuild.Selection;

namespace DatasetBuild.Tool.Answers;

/// <summary>What one stage made of one record.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Outcome">passed, marked, dropped or not reached.</param>
/// <param name="Score">The number, where the stage has one for the record.</param>
/// <param name="Value">The text that the stage looked at, where it selects by text.</param>
/// <param name="Missing">Why there is no score, or null.</param>
/// <param name="Reason">Why the record was dropped, or null.</param>
/// <param name="Limit">What the stage asks for.</param>
internal sealed record StageVerdict(string Name, string Kind, string Outcome, double? Score, string? Value, string? Missing, string? Reason, StageLimit Limit)
{
    /// <summary>The evaluation item that the record shares words with, or null.</summary>
    public EvaluationMatch? Match { get; init; }

    /// <summary>That item's JSON as its file has it, or null.</summary>
    public string? MatchJson { get; init; }

    /// <summary>What the score counts, such as word; null where it is no count.</summary>
    public string? Unit { get; init; }

    /// <summary>The score as people read it; empty where there is none.</summary>
    public string ScoreText => Score is not { } score ? "" : Unit is null ? Output.Numbers.Score(score) : Output.Numbers.Counted((long)score, Unit);
}

/// <summary>What a stage asks for: its declared parameters, and where the selection fell among the records that the record competed with.</summary>
internal sealed record StageLimit(IReadOnlyList<NamedText> Parameters, GroupCut? Cut);

/// <summary>Reads single stages' verdicts off an analysis.</summary>
internal sealed class StageScores(Analysis analysis)
{
    public const string Passed = "passed";
    public const string Marked = "marked";
    public const string Dropped = "dropped";
    public const string NotReached = "not reached";

    private static readonly string[] Selecting = [.. StageLimits.OfOneRecord, "Keep", "Prefer", "Band", "GroupBy"];

    public List<StageVerdict> Of(int record, ReadOnlySpan<byte> json)
    {
        var verdicts = new List<StageVerdict>();
        for (var i = 0; i < analysis.Stages.Count; i++)
        {
            verdicts.Add(Of(i, record, json));
        }

        return verdicts;
    }

    private StageVerdict Of(int number, int record, ReadOnlySpan<byte> json)
    {
        var stage = analysis.Stages[number];
        var outcome = analysis.Outcomes[number];
        var droppedBy = analysis.Fates.DroppedBy(record);
        var reached = droppedBy < 0 || droppedBy >= number;
        var state = reached ? outcome.States?[record] ?? Scores.NotEntered : Scores.NotEntered;
        var match = reached ? outcome.Matches?[record] : null;
        var missing = state > Scores.HasValue ? MissingReasons.Describe((MissingReason)state) : null;
        return new StageVerdict(
            stage.Name,
            stage.Kind,
            !reached ? NotReached : droppedBy == number ? Dropped : match is not null ? Marked : Passed,
            state == Scores.HasValue ? outcome.Scores?.Value[record] : null,
            state == Scores.HasValue ? TextOf(stage, json) : null,
            missing,
            droppedBy == number ? missing ?? DropReasons.Describe(analysis.Fates.Reason(record)) : null,
            new StageLimit([.. stage.Parameters.Where(parameter => Selecting.Contains(parameter.Name, StringComparer.Ordinal))], CutOf(stage, outcome, json)))
        {
            Match = match,
            MatchJson = reached ? outcome.Matches?.JsonOf(record) : null,
            Unit = UnitOf(stage),
        };
    }

    private static string? UnitOf(Stage stage) => stage.Kind != "TokenLength" ? null : Parameter(stage, "Counter")?.ToLowerInvariant() switch
    {
        null => "token",
        "treebank" => "Treebank token",
        var units => units[..^1],
    };

    /// <summary>The field's text, where a stage selects by text and so has no number to show.</summary>
    private static string? TextOf(Stage stage, ReadOnlySpan<byte> json) =>
        Parameter(stage, "In") is not null && Parameter(stage, "Field") is { } field ? new RawField(field).Read(json).Label : null;

    private static GroupCut? CutOf(Stage stage, StageOutcome outcome, ReadOnlySpan<byte> json)
    {
        if (Parameter(stage, "GroupBy") is not { } field)
        {
            return outcome.Cuts.Count == 1 ? outcome.Cuts[0] : null;
        }

        var group = new RawField(field).Read(json).Label;
        return outcome.Cuts.FirstOrDefault(cut => cut.Group == group);
    }

    private static string? Parameter(Stage stage, string name) => stage.Parameters.FirstOrDefault(parameter => parameter.Name == name)?.Value;
}

/// <summary>Limits in words.</summary>
internal static class StageLimits
{
    /// <summary>The parameters that a record meets or not, whichever others there are.</summary>
    public static IReadOnlyList<string> OfOneRecord { get; } = ["Min", "Max", "In", "Filter", "MinInitialLoss", "MaxReferenceLoss", "N", "Action", "Threshold", "Linkage"];

    public static string Describe(StageLimit limit)
    {
        var parameters = limit.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
        List<string> parts = [];
        foreach (var name in OfOneRecord)
        {
            if (parameters.TryGetValue(name, out var value))
            {
                parts.Add($"{name} {value}");
            }
        }

        foreach (var name in (string[])["Keep", "Band"])
        {
            if (parameters.TryGetValue(name, out var value))
            {
                parts.Add($"{name} {value}{Describe(limit.Cut, parameters.GetValueOrDefault("Prefer"))}");
            }
        }

        return string.Join(", ", parts);
    }

    private static string Describe(GroupCut? cut, string? prefer)
    {
        if (cut is null)
        {
            return "";
        }

        var group = cut.Group is null ? "" : $" in the group '{cut.Group}'";
        var last = cut.LastKept is { } value ? $", the last with {Output.Numbers.Score(value)}" : "";
        var order = prefer is null ? "" : $" ({prefer.ToLowerInvariant()} first)";
        return string.Create(CultureInfo.InvariantCulture, $": {cut.Kept} of {cut.WithValue} stay{group}{order}{last}");
    }
}
