using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Kernels;

namespace DatasetBuild.LanguageModels.Decoding;

/// <summary>The feed-forward part of a layer, dense or of experts. One thread's.</summary>
internal sealed unsafe class FeedForward : IDisposable
{
    private readonly Decoder decoder;
    private readonly MatrixProduct product;
    private readonly NativeBuffer wide;
    private readonly NativeBuffer? gathered;
    private readonly NativeBuffer? routes;

    public FeedForward(Decoder decoder, MatrixProduct product)
    {
        this.decoder = decoder;
        this.product = product;
        wide = new NativeBuffer((long)PackedRows.MaxRows * decoder.FeedForward * (decoder.Gated ? 3 : 1) * sizeof(float));
        if (decoder.Experts > 0)
        {
            gathered = new NativeBuffer(2L * PackedRows.MaxRows * decoder.Hidden * sizeof(float));
            routes = new NativeBuffer((long)PackedRows.MaxRows * decoder.Experts * sizeof(float));
        }
    }

    /// <param name="layer">Its weights.</param>
    /// <param name="source"><c>count x hidden</c> values.</param>
    /// <param name="count">At most <see cref="PackedRows.MaxRows"/>.</param>
    /// <param name="target"><c>count x hidden</c> values.</param>
    public void Apply(LayerWeights layer, float* source, int count, float* target)
    {
        if (layer.Router is null)
        {
            Apply(layer.FeedForward[0], source, count, target);
        }
        else
        {
            Route(layer, layer.Router, source, count, target);
        }
    }

    public void Dispose()
    {
        wide.Dispose();
        gathered?.Dispose();
        routes?.Dispose();
    }

    private void Apply(FeedForwardWeights block, float* source, int count, float* target)
    {
        var size = decoder.FeedForward;
        var up = wide.Floats;
        block.Up.Apply(product, source, count, up);
        var middle = up;
        if (decoder.Gated)
        {
            middle = up + ((long)PackedRows.MaxRows * 2 * size);
            for (var row = 0; row < count; row++)
            {
                var gate = up + ((long)row * 2 * size);
                Activations.ApplyGated(decoder.Activation, gate, gate + size, middle + ((long)row * size), size);
            }
        }
        else
        {
            for (var row = 0; row < count; row++)
            {
                Activations.Apply(decoder.Activation, up + ((long)row * size), size);
            }
        }

        block.Down.Apply(product, middle, count, target);
    }

    /// <summary>
    /// Mixtral (arXiv 2401.04088): each token goes to the experts with the largest shares of a softmax, whose outputs are added with those shares brought to the sum 1. Experts are added in the
    /// order of their numbers, whichever tokens share a batch.
    /// </summary>
    private void Route(LayerWeights layer, Linear router, float* source, int count, float* target)
    {
        int experts = decoder.Experts, hidden = decoder.Hidden;
        var shares = routes!.Floats;
        router.Apply(product, source, count, shares);
        for (var token = 0; token < count; token++)
        {
            KeepLargest(new Span<float>(shares + (token * experts), experts));
        }

        new Span<float>(target, count * hidden).Clear();
        var input = gathered!.Floats;
        var output = input + ((long)PackedRows.MaxRows * hidden);
        Span<int> chosen = stackalloc int[PackedRows.MaxRows];
        for (var expert = 0; expert < experts; expert++)
        {
            var found = 0;
            for (var token = 0; token < count; token++)
            {
                if (shares[(token * experts) + expert] != 0)
                {
                    new ReadOnlySpan<float>(source + ((long)token * hidden), hidden).CopyTo(new Span<float>(input + ((long)found * hidden), hidden));
                    chosen[found++] = token;
                }
            }

            if (found > 0)
            {
                Apply(layer.FeedForward[expert], input, found, output);
                for (var i = 0; i < found; i++)
                {
                    Rows.AddScaled(target + ((long)chosen[i] * hidden), output + ((long)i * hidden), shares[(chosen[i] * experts) + expert], hidden);
                }
            }
        }
    }

    /// <summary>Logits of all experts become the shares of those that are taken, and 0 for the others.</summary>
    private void KeepLargest(Span<float> shares)
    {
        fixed (float* row = shares)
        {
            Rows.Softmax(row, shares.Length);
        }

        Span<bool> kept = shares.Length <= 256 ? stackalloc bool[shares.Length] : new bool[shares.Length];
        kept.Clear();
        var sum = 0f;
        for (var rank = 0; rank < decoder.ExpertsOfToken; rank++)
        {
            var best = -1;
            for (var expert = 0; expert < shares.Length; expert++)
            {
                if (!kept[expert] && (best < 0 || shares[expert] > shares[best]))
                {
                    best = expert;
                }
            }

            kept[best] = true;
            sum += shares[best];
        }

        for (var expert = 0; expert < shares.Length; expert++)
        {
            shares[expert] = kept[expert] ? shares[expert] / sum : 0;
        }
    }
}
