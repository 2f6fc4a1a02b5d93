namespace DatasetBuild.Tokenization;

/// <summary>Changes a text before it is cut into pieces. Immutable and thread-safe.</summary>
internal interface INormalizer
{
    /// <summary>The changed text, or the same one where nothing changes.</summary>
    AlignedText Normalize(AlignedText text);

    /// <summary>
    /// Whether it is easily seen that a text comes out as it is, but for a space or SentencePiece's mark that may be put before it: the same where one of
    /// these or a line break already stands before it, and a space, a line break or nothing behind it.
    /// </summary>
    bool Keeps(ReadOnlySpan<byte> utf8) => false;
}

/// <summary>One normalizer after the other.</summary>
internal sealed class NormalizerSequence(INormalizer[] steps) : INormalizer
{
    public IReadOnlyList<INormalizer> Steps => steps;

    public AlignedText Normalize(AlignedText text)
    {
        foreach (var normalizer in steps)
        {
            text = normalizer.Normalize(text);
        }

        return text;
    }

    public bool Keeps(ReadOnlySpan<byte> utf8)
    {
        foreach (var normalizer in steps)
        {
            if (!normalizer.Keeps(utf8))
            {
                return false;
            }
        }

        return true;
    }
}
