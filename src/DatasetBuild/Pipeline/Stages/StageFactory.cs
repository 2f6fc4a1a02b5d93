using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Pipeline;

/// <summary>Which end of the values ranks first.</summary>
internal enum Prefer
{
    Highest,
    Lowest,
}

/// <summary>How each kind of stage is made from its parameters.</summary>
internal static class StageFactory
{
    private enum Ties
    {
        Key,
        Position,
    }

    public static Stage ExactDedup(StageRequest request)
    {
        var parameters = request.Parameters;
        var part = parameters.Enum("Part", Part.Record);
        var steps = parameters.OptionalText("Normalize");
        IScorer? hash = null;
        if (part != Part.Record || steps is not null)
        {
            hash = new ContentHashScorer(part, Normalizer(parameters, steps));
        }

        return new DedupStage(request.Name, request.Kind, hash, parameters.Enum("Missing", MissingPolicy.Drop)) { Parameters = request.Declared };
    }

    public static Stage Random(StageRequest request) =>
        ByValue(request, new KeyHashSource(request.Parameters.Integer("Seed", 0, int.MinValue, int.MaxValue)), Prefer.Lowest);

    public static Stage Column(StageRequest request)
    {
        var parameters = request.Parameters;
        var field = parameters.Text("Field");
        if (parameters.List("In") is not { } values)
        {
            return ByValue(request, new FieldSource(field));
        }

        foreach (var other in (string[])["Min", "Max", "Keep", "Band", "Prefer", "Ties", "GroupBy", "Tokenizer"])
        {
            if (parameters.Has(other))
            {
                throw parameters.Contradiction($"In selects by text, {other} by number. Make two stages of it.");
            }
        }

        return new MembershipStage(request.Name, request.Kind, field, values, parameters.Enum("Missing", MissingPolicy.Drop)) { Parameters = request.Declared };
    }

    public static Stage ScoreFile(StageRequest request)
    {
        var parameters = request.Parameters;
        if (parameters.Has("KeyField") && parameters.Has("IdField"))
        {
            throw parameters.Contradiction("KeyField and IdField both say how rows find their records. Keep one.");
        }

        var file = request.Plan.Resolve(parameters.Text("File"));
        request.InputFiles.Add(file);
        return UnusableFile.Describe(file) is not { } problem
            ? ByValue(request, new ScoreFileSource(file, parameters.OptionalText("KeyField") ?? "key", parameters.OptionalText("IdField"), parameters.OptionalText("ScoreField") ?? "score"))
            : throw parameters.Fail(ProjectCodes.MissingFile, $"stage '{request.Name}': the score file '{parameters.Text("File")}' cannot be read: {problem}. Check its path, relative to the project.");
    }

    /// <summary>A stage that selects by a number.</summary>
    /// <param name="request">What the user declared.</param>
    /// <param name="source">The numbers.</param>
    /// <param name="prefer">Which end ranks first where the user does not say.</param>
    /// <param name="ownTokenizer">Counts the tokens of a budget where no tokenizer is declared.</param>
    /// <param name="isFiltered">Whether the method itself leaves records out, so that nothing else has to be asked for.</param>
    internal static ValueStage ByValue(StageRequest request, IValueSource source, Prefer prefer = Prefer.Highest, ITokenizer? ownTokenizer = null, bool isFiltered = false)
    {
        var parameters = request.Parameters;
        var rule = new ValueRule
        {
            Min = parameters.Number("Min"),
            Max = parameters.Number("Max"),
            Keep = parameters.Keep(),
            Band = parameters.Band(),
            PreferHighest = parameters.Enum("Prefer", prefer) == Prefer.Highest,
            TiesByPosition = parameters.Enum("Ties", Ties.Key) == Ties.Position,
            Missing = parameters.Enum("Missing", MissingPolicy.Drop),
        };
        if (rule.Min > rule.Max)
        {
            throw parameters.Contradiction($"Min {parameters.Text("Min")} is above Max {parameters.Text("Max")}: nothing could stay. Exchange them, or leave one out.");
        }

        if (rule.Keep is not null && rule.Band is not null)
        {
            throw parameters.Contradiction("Keep and Band both choose ranks. Keep one.");
        }

        if (!isFiltered && rule is { Min: null, Max: null, Keep: null, Band: null })
        {
            throw parameters.Fail(ProjectCodes.MissingParameter, $"stage '{request.Name}' selects nothing: give it Min, Max, Keep or Band.");
        }

        if (parameters.Has("GroupBy") && rule.Keep is null && rule.Band is null)
        {
            throw parameters.Contradiction("GroupBy needs Keep or Band, which then hold for each group.");
        }

        return new ValueStage(request.Name, request.Kind, source, rule, parameters.OptionalText("GroupBy"), TokenCost(request, rule, ownTokenizer)) { Parameters = request.Declared };
    }

    /// <summary>A budget counts the tokens of the whole record: that is what training pays for.</summary>
    private static LengthScorer? TokenCost(StageRequest request, ValueRule rule, ITokenizer? ownTokenizer)
    {
        if (rule.Keep is not Keep.Tokens)
        {
            return null;
        }

        var counter = request.Tokenizers.Find(request) ?? ownTokenizer
            ?? throw request.Parameters.Fail(
                ProjectCodes.MissingParameter,
                $"stage '{request.Name}' has a budget of tokens, but no tokenizer to count them. Set DatasetTokenizer, or Tokenizer on the stage.");
        return new LengthScorer(counter, Part.Record);
    }

    private static TextNormalizer Normalizer(Parameters parameters, string? steps)
    {
        try
        {
            return TextNormalizer.Parse(steps ?? "");
        }
        catch (FormatException error)
        {
            throw parameters.Invalid("Normalize", steps!, error.Message);
        }
    }
}
