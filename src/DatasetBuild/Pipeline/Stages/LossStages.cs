using DatasetBuild.Scoring;
using DatasetBuild.Selection;
using DatasetBuild.Tokenization;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Pipeline;

/// <summary>How the stages are made whose scores come from passes of a language model.</summary>
internal static class LossStages
{
    private enum LossForm
    {
        Mean,
        Sum,
    }

    private enum IfdFilter
    {
        BelowOne,
        AtMostOne,
        None,
    }

    private enum FirstToken
    {
        Count,
        Skip,
    }

    public static Stage Loss(StageRequest request)
    {
        var passes = new PassMaker(request, "Model");
        var isSum = request.Parameters.Enum("Form", LossForm.Mean) == LossForm.Sum;
        return passes.Stage(new PassSource(passes.Make(PassCondition.Conditioned), value => isSum ? value.LossSum : value.Mean));
    }

    public static Stage Perplexity(StageRequest request)
    {
        var passes = new PassMaker(request, "Model");
        return passes.Stage(new PassSource(passes.Make(PassCondition.Conditioned), value => PassScores.Perplexity(value.Mean)));
    }

    public static Stage Ifd(StageRequest request)
    {
        var parameters = request.Parameters;
        var passes = new PassMaker(request, "Model");
        var form = parameters.Enum("Form", IfdForm.PerplexityRatio);
        var filter = parameters.Enum("Filter", form == IfdForm.LossRatio ? IfdFilter.AtMostOne : IfdFilter.BelowOne);
        var isWithoutFirst = parameters.Enum("FirstToken", FirstToken.Count) == FirstToken.Skip;
        var source = new PassPairSource(
            passes.Make(PassCondition.Conditioned),
            passes.Make(PassCondition.Alone),
            value => isWithoutFirst ? value.MeanWithoutFirst : value.Mean,
            (conditioned, alone) => PassScores.Ifd(conditioned, alone, form))
        {
            Filter = filter == IfdFilter.None ? null : (_, _, score) => score > 1 || (score == 1 && filter == IfdFilter.BelowOne) ? DropReason.Filtered : DropReason.None,
        };
        return passes.Stage(source, isFiltered: filter != IfdFilter.None);
    }

    public static Stage Learnability(StageRequest request)
    {
        var parameters = request.Parameters;
        var (initial, reference) = (new PassMaker(request, "InitialModel"), new PassMaker(request, "ReferenceModel"));
        if (initial.Tokenizer.Identity != reference.Tokenizer.Identity)
        {
            throw parameters.Fail(
                ProjectCodes.OtherTokenizer, $"stage '{request.Name}': the tokenizers of InitialModel and ReferenceModel differ, so that their losses are of other tokens and cannot be compared. Take the model that the reference was trained from.");
        }

        if (initial.Template.Digest != reference.Template.Digest)
        {
            throw parameters.Contradiction("InitialModel and ReferenceModel bring different chat templates. Say with ChatTemplate which one both are given.");
        }

        var form = parameters.Enum("Form", LearnabilityForm.Normalized);
        var (least, greatest) = (parameters.Number("MinInitialLoss"), parameters.Number("MaxReferenceLoss"));
        var source = new PassPairSource(
            initial.Make(PassCondition.Conditioned), reference.Make(PassCondition.Conditioned), value => value.Mean, (before, after) => PassScores.Learnability(before, after, form))
        {
            IsOfSameTokens = true,
            Filter = least is null && greatest is null ? null
                : (before, after, _) => before < least ? DropReason.LowInitialLoss : after > greatest ? DropReason.HighReferenceLoss : DropReason.None,
        };
        return initial.Stage(source, isFiltered: source.Filter is not null);
    }

    /// <summary>Makes the passes of one model of a stage.</summary>
    private sealed class PassMaker
    {
        private readonly StageRequest request;
        private readonly ModelFiles files;
        private readonly EncodingOptions options;

        public PassMaker(StageRequest request, string parameter)
        {
            this.request = request;
            var parameters = request.Parameters;
            var path = parameters.Text(parameter);
            files = request.Models.Find(request, path);
            Tokenizer = ModelParts.Tokenizer(request, files, path);
            Template = ModelParts.Template(request, files, path);
            options = new EncodingOptions
            {
                Part = ModelParts.Part(parameters),
                MaxLength = ModelParts.MaxLength(request),
                TooLong = parameters.Enum("TooLong", TooLong.Drop),
                Side = parameters.Enum("Truncation", TruncationSide.Right),
                AlonePrefix = parameters.OptionalText("AlonePrefix") is { } prefix ? (prefix.Equals("None", StringComparison.OrdinalIgnoreCase) ? "" : prefix) : null,
                Date = request.Settings.Date,
            };
        }

        public ITokenizer Tokenizer { get; }

        public ChatTemplate Template { get; }

        public LossPass Make(PassCondition condition) => new(request.Models.Models, files, Template, Tokenizer, options, condition);

        public ValueStage Stage(IValueSource source, bool isFiltered = false) => StageFactory.ByValue(request, source, ownTokenizer: Tokenizer, isFiltered: isFiltered);
    }
}
