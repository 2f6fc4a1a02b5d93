using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Pipeline;

/// <summary>How a <c>TokenLength</c> stage is made from its parameters.</summary>
internal static class LengthStages
{
    private enum Counter
    {
        Bytes,
        Characters,
        Words,
        Treebank,
    }

    public static Stage TokenLength(StageRequest request)
    {
        var parameters = request.Parameters;
        foreach (var other in (string[])["Tokenizer", "ChatTemplate"])
        {
            if (parameters.Has("Counter") && parameters.Has(other))
            {
                throw parameters.Contradiction($"Counter and {other} both say what is counted. Keep one.");
            }
        }

        var part = parameters.Enum("Part", Part.Record);
        return StageFactory.ByValue(request, new ScorerSource(parameters.Has("ChatTemplate") ? Rendered(request, part) : new LengthScorer(CounterOf(request), part)));
    }

    /// <summary>The length that training sees: of the rendered conversation, with all that the template puts around the texts.</summary>
    private static RenderedLengthScorer Rendered(StageRequest request, Part part)
    {
        var tokenizer = request.Tokenizers.Find(request)
            ?? throw request.Parameters.Fail(
                ProjectCodes.MissingParameter,
                $"stage '{request.Name}' has a chat template, but no tokenizer to count the rendered text with. Set DatasetTokenizer, or Tokenizer on the stage.");
        return new RenderedLengthScorer(request.Templates.Find(request)!, tokenizer, part, request.Settings.Date);
    }

    private static ITextCounter CounterOf(StageRequest request) => request.Parameters.Has("Counter")
        ? request.Parameters.Enum("Counter", Counter.Bytes) switch
        {
            Counter.Bytes => new ByteCounter(),
            Counter.Characters => new CharacterCounter(),
            Counter.Words => new WordCounter(),
            _ => new TreebankCounter(),
        }
        : request.Tokenizers.Find(request)
            ?? throw request.Parameters.Fail(
                ProjectCodes.MissingParameter,
                $"stage '{request.Name}' does not know what to count. Set the property DatasetTokenizer (or Tokenizer on the stage) to a tokenizer file, or Counter to Bytes, Characters, Words or Treebank.");
}
