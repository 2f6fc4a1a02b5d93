using DatasetBuild.LanguageModels.Kernels;

namespace DatasetBuild.LanguageModels.Decoding;

/// <summary>One feed-forward block.</summary>
/// <param name="Up">Gate and up side by side where the block is gated.</param>
/// <param name="Down">Back to the hidden size.</param>
internal sealed record FeedForwardWeights(Linear Up, Linear Down) : IDisposable
{
    public void Dispose()
    {
        Up.Dispose();
        Down.Dispose();
    }
}

/// <summary>All weights of one layer. What an architecture does not have is null.</summary>
internal sealed class LayerWeights : IDisposable
{
    public Norm? AttentionNorm { get; init; }

    public Norm? AttentionPostNorm { get; init; }

    public Norm? FeedForwardNorm { get; init; }

    public Norm? FeedForwardPostNorm { get; init; }

    public Norm? QueryNorm { get; init; }

    public Norm? KeyNorm { get; init; }

    public required Linear QueryKeyValue { get; init; }

    public required Linear Output { get; init; }

    /// <summary>Which expert a token goes to; null where there is one block.</summary>
    public Linear? Router { get; init; }

    public required IReadOnlyList<FeedForwardWeights> FeedForward { get; init; }

    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[AttentionNorm, AttentionPostNorm, FeedForwardNorm, FeedForwardPostNorm, QueryNorm, KeyNorm, QueryKeyValue, Output, Router, .. FeedForward])
        {
            part?.Dispose();
        }
    }
}

/// <summary>All weights of a decoder.</summary>
internal sealed class DecoderWeights : IDisposable
{
    /// <summary>One row a word. Where head and embedding are tied it is both.</summary>
    public required PackedMatrix Embedding { get; init; }

    /// <summary>One row a position; null: none.</summary>
    public PackedMatrix? Positions { get; init; }

    public required IReadOnlyList<LayerWeights> Layers { get; init; }

    public required Norm FinalNorm { get; init; }

    public required PackedMatrix Head { get; init; }

    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[Embedding, Positions, FinalNorm, Head, .. Layers])
        {
            part?.Dispose();
        }
    }
}
