namespace DatasetBuild.Tokenization;

/// <summary>Changes a text before it is cut into pieces. Immutable and thread-safe.</summary>
internal interface INormalizer
{
    /// <summary>The changed text, or the same one where nothing changes.</summary>
    AlignedText Normalize(AlignedText text);
}

/// <summary>One normalizer after the other.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<INormalizer> normalizers) : INormalizer
{
    public IReadOnlyList<INormalizer> Steps { get; } = normalizers;

    public AlignedText Normalize(AlignedText text)
    {
        foreach (var normalizer in Steps)
        {
            text = normalizer.Normalize(text);
        }

        return text;
    }
}
