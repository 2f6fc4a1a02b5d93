namespace DatasetBuild.Tokenization;

/// <summary>Turns the written forms of tokens back into parts of a text. Immutable and thread-safe.</summary>
internal interface IDecoder
{
    List<string> Decode(List<string> tokens);
}

/// <summary>One decoder after the other.</summary>
internal sealed class DecoderSequence(IReadOnlyList<IDecoder> steps) : IDecoder
{
    public List<string> Decode(List<string> tokens)
    {
        var original = Length(tokens);
        foreach (var step in steps)
        {
            tokens = step.Decode(tokens);
            WorkLimit.Check(Length(tokens), original);
        }

        return tokens;
    }

    private static long Length(List<string> tokens) => tokens.Sum(token => (long)token.Length);
}
