namespace DatasetBuild.Tokenization;

/// <summary>Turns the written forms of tokens back into parts of a text. Immutable and thread-safe.</summary>
internal interface IDecoder
{
    List<string> Decode(List<string> tokens);
}

/// <summary>One decoder after the other.</summary>
internal sealed class DecoderSequence(IReadOnlyList<IDecoder> steps) : IDecoder
{
    public List<string> Decode(List<string> tokens) => steps.Aggregate(tokens, (parts, step) => step.Decode(parts));
}
