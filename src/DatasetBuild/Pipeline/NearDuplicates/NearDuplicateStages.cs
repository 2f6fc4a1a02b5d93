using System.Globalization;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>How stages that look for near duplicates are made from their parameters.</summary>
internal static class NearDuplicateStages
{
    private const decimal DefaultThreshold = 0.8m;
    private const int DefaultLargeCluster = 1000;

    public static readonly ParameterSpec[] Parameters =
    [
        new("Part", Effect.Score, "Record, Prompt, Response or LastResponse"),
        new("Threshold", Effect.Score, "the least Jaccard similarity of two records' shingles; with Bands and Rows declared it only selects"),
        new("ShingleUnit", Effect.Score, "Word or Character"),
        new("ShingleSize", Effect.Score, "how many units a shingle has"),
        new("Normalize", Effect.Score, "what does not count: Lower;Punctuation;Numbers;Diacritics, or None"),
        new("Bands", Effect.Score, "how many band keys a record has"),
        new("Rows", Effect.Score, "how many permutations a band key stands for"),
        new("Seed", Effect.Score, "a whole number"),
        new("Preset", Effect.Score, "DataTrove: the constants and the normalisation of datatrove"),
        new("Linkage", Effect.Select, "Star or Connected"),
        new("LargeCluster", Effect.Select, "a cluster of more records is warned of"),
        new("Missing", Effect.Select, "what becomes of a record without a value: Drop, Keep or Fail"),
    ];

    private static readonly string[] SetByPreset = ["ShingleUnit", "ShingleSize", "Normalize", "Bands", "Rows", "Seed"];

    private enum Preset
    {
        DataTrove,
    }

    public static Stage NearDedup(StageRequest request)
    {
        var parameters = request.Parameters;
        var threshold = Threshold(parameters);
        var rule = new NearDedupRule(
            new JaccardThreshold(threshold),
            parameters.Enum("Linkage", LinkageKind.Star),
            parameters.Integer("LargeCluster", DefaultLargeCluster, 1, int.MaxValue),
            parameters.Enum("Missing", MissingPolicy.Drop));
        return new NearDedupStage(request.Name, request.Kind, new NearDuplicateScorer(Rule(parameters, threshold)), rule) { Parameters = request.Declared };
    }

    /// <summary>What a record's band keys follow from, but for the part that is taken.</summary>
    internal static NearDuplicateRule RuleOf(Parameters parameters)
    {
        parameters.RefuseUnknown([.. Parameters.Where(parameter => parameter.Effect == Effect.Score && parameter.Name != "Part").Select(parameter => parameter.Name)]);
        return Rule(parameters, Threshold(parameters));
    }

    private static decimal Threshold(Parameters parameters)
    {
        if (parameters.OptionalText("Threshold") is not { } text)
        {
            return DefaultThreshold;
        }

        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var threshold) && threshold is > 0 and <= 1 && decimal.Round(threshold, 9) == threshold
            ? threshold
            : throw parameters.Invalid("Threshold", text, "It is a Jaccard similarity above 0 and up to 1, such as 0.8.");
    }

    private static NearDuplicateRule Rule(Parameters parameters, decimal threshold)
    {
        var part = parameters.Enum("Part", Part.Record);
        if (parameters.Has("Preset"))
        {
            parameters.Enum("Preset", Preset.DataTrove);
            return Array.Find(SetByPreset, parameters.Has) is { } also
                ? throw parameters.Contradiction($"Preset sets {also} too. Keep one of the two.")
                : NearDuplicateRule.DataTrove(part);
        }

        var unit = parameters.Enum("ShingleUnit", ShingleUnit.Word);
        var size = parameters.Integer("ShingleSize", unit == ShingleUnit.Word ? ShingleRule.DefaultWords : ShingleRule.DefaultCharacters, 1, 1000);
        var bands = Bands(parameters, threshold);
        var seed = parameters.Integer("Seed", 0, int.MinValue, int.MaxValue);
        return new NearDuplicateRule(part, new ShingleRule(unit, size, new FoldingRule(Folds(parameters), IsDataTrove: false)), Permutations.Seeded(bands.Bands * bands.Rows, seed), bands);
    }

    private static BandPlan Bands(Parameters parameters, decimal threshold)
    {
        if (parameters.Has("Bands") != parameters.Has("Rows"))
        {
            throw parameters.Contradiction("Bands and Rows make one plan: give both, or neither, and both follow from Threshold.");
        }

        return parameters.Has("Bands")
            ? new BandPlan(parameters.Integer("Bands", 1, 1, BandPlan.MaxBands), parameters.Integer("Rows", 1, 1, BandPlan.MaxRows))
            : BandPlan.For((double)threshold)
                ?? throw parameters.Invalid("Threshold", parameters.Text("Threshold"), $"Pairs that differ so much are not found by {BandPlan.MaxBands} bands. Choose a higher one, or say Bands and Rows.");
    }

    private static TextFolds Folds(Parameters parameters)
    {
        if (parameters.List("Normalize") is not { } names)
        {
            return FoldingRule.Default.Folds;
        }

        var folds = TextFolds.None;
        foreach (var name in names)
        {
            var known = Enum.GetNames<TextFolds>();
            var match = Array.Find(known, candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (match is null || (match == nameof(TextFolds.None) && names.Length > 1))
            {
                var nearest = match is null ? Spelling.Nearest(name, known) : null;
                throw parameters.Invalid("Normalize", parameters.Text("Normalize"), nearest is null ? $"It is a list of {string.Join(", ", known.Skip(1))}, or None alone." : $"Did you mean {nearest}?");
            }

            folds |= Enum.Parse<TextFolds>(match);
        }

        return folds;
    }
}
