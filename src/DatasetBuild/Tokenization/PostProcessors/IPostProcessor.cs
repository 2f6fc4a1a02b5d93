namespace DatasetBuild.Tokenization;

/// <summary>Finishes what the model made: trims places, puts special tokens around texts. Immutable and thread-safe.</summary>
internal interface IPostProcessor
{
    /// <summary>Changes the encodings of one text or of the two of a pair; the result may have more parts, which are read in order.</summary>
    List<List<EncodedToken>> Process(List<List<EncodedToken>> encodings, bool addSpecialTokens);
}

/// <summary>One post-processor after the other.</summary>
internal sealed class PostProcessorSequence(IReadOnlyList<IPostProcessor> steps) : IPostProcessor
{
    public List<List<EncodedToken>> Process(List<List<EncodedToken>> encodings, bool addSpecialTokens) =>
        steps.Aggregate(encodings, (parts, step) => step.Process(parts, addSpecialTokens));
}
