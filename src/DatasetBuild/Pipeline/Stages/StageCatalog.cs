using DatasetBuild.Caching;
using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>Whether a parameter can change a score, and so is part of its identity, or only what is selected by it.</summary>
public enum Effect
{
    Score,
    Select,
}

/// <summary>A parameter of a kind of stage.</summary>
public sealed record ParameterSpec(string Name, Effect Effect, string Summary)
{
    /// <summary>Whether it names a file: then its path is told relative to the project, on every machine the same.</summary>
    public bool IsFile => Name is "File" or "Tokenizer" or "Model" or "InitialModel" or "ReferenceModel" or "Prompts" or "ChatTemplate";
}

/// <summary>A kind of stage: its name, its parameters, and how one is made.</summary>
internal sealed record StageKind(string Name, string Summary, IReadOnlyList<ParameterSpec> Parameters, Func<StageRequest, Stage> Make);

/// <summary>All kinds of stages. A new method is one line here, one scorer or selector, and one row of the README.</summary>
public static class StageCatalog
{
    /// <summary>A record's fate names its stage in one byte.</summary>
    private const int MaxStages = 254;

    private static readonly ParameterSpec PartOf = new("Part", Effect.Score, "Record, Prompt, Response or LastResponse");
    private static readonly ParameterSpec Missing = new("Missing", Effect.Select, "what becomes of a record without a value: Drop, Keep or Fail");

    private static readonly ParameterSpec[] ByValue =
    [
        new("Min", Effect.Select, "least value that stays, inclusive"),
        new("Max", Effect.Select, "greatest value that stays, inclusive"),
        new("Keep", Effect.Select, "how many of the ranked records stay: 1000, 6% or 5000000 tokens"),
        new("Prefer", Effect.Select, "which end ranks first: Highest or Lowest"),
        new("Band", Effect.Select, "which ranks stay: 25%..75%"),
        new("Ties", Effect.Select, "how equal values rank: Key, or Position as the papers do"),
        Missing,
        new("GroupBy", Effect.Select, "a field of the raw record: Keep and Band hold for each of its values"),
    ];

    /// <summary>What makes a pass of a language model, besides the model.</summary>
    private static readonly ParameterSpec[] OfPass =
    [
        new("Tokenizer", Effect.Score, "the model's tokenizer; the one in its folder where not given"),
        new("ChatTemplate", Effect.Score, "a file, a folder or a name; DatasetChatTemplate, else the model's own where not given"),
        new("Part", Effect.Score, "Response or LastResponse: whose loss is taken"),
        new("MaxLength", Effect.Score, "greatest number of tokens; DatasetMaxLength, else the model's context where not given"),
        new("TooLong", Effect.Score, "what becomes of a longer record: Drop, Score (cut off) or Fail"),
        new("Truncation", Effect.Score, "which end is cut off: Left or Right"),
    ];

    private static readonly ParameterSpec Model = new("Model", Effect.Score, "a folder with config.json and *.safetensors");

    internal static IReadOnlyList<StageKind> Kinds { get; } =
    [
        new("ExactDedup", "keeps one of all records with equal content", [PartOf, new("Normalize", Effect.Score, "Trim;NFC;NFKC;Lower;CollapseWhitespace;StripPunctuation"), Missing], StageFactory.ExactDedup),
        new("NearDedup", "keeps one of all records that resemble each other", NearDuplicateStages.Parameters, NearDuplicateStages.NearDedup),
        new("TokenLength", "length in tokens, words, characters or bytes", [PartOf, new("Counter", Effect.Score, "Bytes, Characters, Words or Treebank"), new("Tokenizer", Effect.Score, "a tokenizer file; DatasetTokenizer where not given"), new("ChatTemplate", Effect.Score, "a template by its name or file: the rendered conversation is counted"), .. ByValue], LengthStages.TokenLength),
        new("Random", "ranked by a hash of seed and key", [new("Seed", Effect.Score, "a whole number"), new("Tokenizer", Effect.Score, "counts the tokens of a budget"), .. ByValue], StageFactory.Random),
        new("Column", "a field of the raw record", [new("Field", Effect.Score, "its name"), new("In", Effect.Select, "the texts that stay"), new("Tokenizer", Effect.Score, "counts the tokens of a budget"), .. ByValue], StageFactory.Column),
        new("ScoreFile", "scores made elsewhere", [new("File", Effect.Score, "JSON Lines or CSV"), new("KeyField", Effect.Score, "the field with the record key; key where not given"), new("IdField", Effect.Score, "a field of both the record and the file to join by"), new("ScoreField", Effect.Score, "the field with the number; score where not given"), new("Tokenizer", Effect.Score, "counts the tokens of a budget"), .. ByValue], StageFactory.ScoreFile),
        new("Loss", "loss of the responses under a language model", [Model, .. OfPass, new("Form", Effect.Select, "Mean or Sum, in nats"), .. ByValue], LossStages.Loss),
        new("Perplexity", "exp of the mean loss", [Model, .. OfPass, .. ByValue], LossStages.Perplexity),
        new("Ifd", "how little the prompt helps with the response", [Model, .. OfPass, new("AlonePrefix", Effect.Score, "what stands before a response alone; the template's header where not given, None for nothing"), new("Form", Effect.Select, "PerplexityRatio or LossRatio"), new("Filter", Effect.Select, "BelowOne, AtMostOne or None; the form's own where not given"), new("FirstToken", Effect.Select, "Count or Skip the response's first token"), .. ByValue], LossStages.Ifd),
        new("Learnability", "how much of its loss a model lost by training", [new("InitialModel", Effect.Score, "the model before"), new("ReferenceModel", Effect.Score, "the model after"), .. OfPass, new("Form", Effect.Select, "Normalized or Raw"), new("MinInitialLoss", Effect.Select, "least mean loss under the initial model"), new("MaxReferenceLoss", Effect.Select, "greatest mean loss under the reference model"), .. ByValue], LossStages.Learnability),
        new("Rating", "the rating that models give", [new("Model", Effect.Score, "one folder, or several"), new("Prompts", Effect.Score, "a file with a rating prompt a line"), new("Tokenizer", Effect.Score, "the models' tokenizer; the one in each folder where not given"), PartOf, new("MaxLength", Effect.Score, "greatest number of tokens"), new("Form", Effect.Select, "Paper or Reference"), new("Alpha", Effect.Select, "how much disagreement of the prompts costs"), new("Weights", Effect.Select, "a number for each of several models, such as its parameters"), .. ByValue], RatingStages.Rating),
        new("Decontaminate", "no n words in a row with an evaluation item", [PartOf, new("N", Effect.Score, "how many words in a row are too many"), new("Action", Effect.Select, "Drop, or Mark to keep and report"), Missing], DecontaminateStage.Make),
    ];

    /// <summary>The parameters of each kind, for documentation and for the test that flips every one.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<ParameterSpec>> Parameters { get; } =
        Kinds.ToDictionary(kind => kind.Name, kind => kind.Parameters, StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes the plan's stages; every mistake in them is an error with its place.</summary>
    internal static IReadOnlyList<Stage> Make(BuildSession session, InputFiles inputFiles, StatTable stats)
    {
        var plan = session.Plan;
        var materials = new StageMaterials(session, inputFiles, stats);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var stages = new List<Stage>();
        if (plan.Stages.Count > MaxStages)
        {
            throw new DatasetException(ProjectCodes.TooManyStages, $"the project has {plan.Stages.Count} stages; at most {MaxStages} are possible.", plan.Project);
        }

        var mistakes = new List<DatasetException>();
        foreach (var declared in plan.Stages)
        {
            var own = new List<DatasetException>();
            try
            {
                stages.Add(Make(declared, names, materials, own));
            }
            catch (DatasetException mistake) when (own.Count > 0 && mistake.Diagnostic.Code is ProjectCodes.UnknownKind or ProjectCodes.MissingParameter or ProjectCodes.Contradiction)
            {
                // It may be no more than what comes of those in the values.
            }
            catch (DatasetException mistake)
            {
                own.Add(mistake);
            }

            mistakes.AddRange(own);
        }

        if (mistakes.Count > 0)
        {
            // All of them at once: nobody wants to build again for each.
            mistakes.SkipLast(1).ToList().ForEach(mistake => session.Report(mistake.Diagnostic));
            throw mistakes[^1];
        }

        return stages;
    }

    private static Stage Make(StageDeclaration declared, HashSet<string> names, StageMaterials materials, List<DatasetException> mistakes)
    {
        var plan = materials.Session.Plan;
        var parameters = new Parameters($"stage '{declared.Name}'", declared.Metadata, ItemLocation.Named(declared.DefinedIn, "SelectorStage", declared.Name)) { Mistakes = mistakes };
        if (string.IsNullOrWhiteSpace(declared.Name) || declared.Name.Any(char.IsControl))
        {
            throw parameters.Fail(
                ProjectCodes.InvalidValue, $"the name '{Visible.Of(declared.Name)}' of a stage cannot be used: it is blank, or contains a control character. Give the stage another Include.");
        }

        if (!names.Add(declared.Name))
        {
            throw parameters.Fail(
                ProjectCodes.DuplicateStage,
                $"two stages have the name '{declared.Name}'. Names are unique: give one another name and its kind, as in <SelectorStage Include=\"{declared.Name}2\" Kind=\"{parameters.OptionalText("Kind") ?? declared.Name}\" />.");
        }

        var kind = FindKind(declared, parameters);
        parameters.RefuseUnknown(["Kind", .. kind.Parameters.Select(parameter => parameter.Name)]);
        return kind.Make(new StageRequest(declared.Name, kind.Name, parameters, materials)
        {
            Declared = [.. kind.Parameters.Where(spec => parameters.Has(spec.Name)).Select(spec => new NamedText(spec.Name, ShownValue(spec)))],
        });

        string ShownValue(ParameterSpec spec) => spec switch
        {
            { IsFile: false } => parameters.Text(spec.Name),
            { Name: "Model" } => string.Join(';', parameters.List(spec.Name)!.Select(Shown)),
            _ => Shown(parameters.Text(spec.Name)),
        };

        // A chat template may be a name as well.
        string Shown(string path) => Path.Exists(plan.Resolve(path)) ? plan.Display(plan.Resolve(path)) : path;
    }

    private static StageKind FindKind(StageDeclaration declared, Parameters parameters)
    {
        var name = parameters.OptionalText("Kind") ?? declared.Name;
        var kind = Kinds.FirstOrDefault(candidate => candidate.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (kind is not null)
        {
            return kind;
        }

        var nearest = Spelling.Nearest(name, Kinds.Select(candidate => candidate.Name));
        var hint = nearest is not null ? $"Did you mean {nearest}?" : $"Known kinds: {string.Join(", ", Kinds.Select(candidate => candidate.Name))}.";
        throw parameters.Fail(ProjectCodes.UnknownKind, $"stage '{declared.Name}' is of the unknown kind '{name}'. {hint}");
    }
}
