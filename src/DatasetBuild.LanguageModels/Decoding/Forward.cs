using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Kernels;

namespace DatasetBuild.LanguageModels.Decoding;

/// <summary>One sequence of a micro-batch.</summary>
/// <param name="Start">Of its first token in the batch.</param>
/// <param name="Length">Tokens that are computed: those behind the last one that anybody asks for are not.</param>
/// <param name="Whole">Tokens that the sequence has, which may decide how positions turn.</param>
internal readonly record struct SequencePart(int Start, int Length, int Whole);

/// <summary>Computes hidden states of a micro-batch, layer by layer. One thread's: it owns all memory that takes.</summary>
internal sealed unsafe class Forward : IDisposable
{
    private readonly Decoder decoder;
    private readonly DecoderWeights weights;
    private readonly RotaryTables tables;
    private readonly Attention attention;
    private readonly FeedForward feedForward;
    private readonly int width; // of queries, keys and values
    private readonly int queries;

    private NativeBuffer? tokens;
    private NativeBuffer? rows;
    private float* states;
    private float* heads;
    private float* attended;
    private float* input;
    private float* output;

    public Forward(Decoder decoder, DecoderWeights weights, RotaryTables tables, SimdPath path)
    {
        this.decoder = decoder;
        this.weights = weights;
        this.tables = tables;
        Product = new MatrixProduct(path);
        attention = new Attention(path);
        feedForward = new FeedForward(decoder, Product);
        queries = decoder.Heads * decoder.HeadSize;
        width = queries + (2 * decoder.KeyValueHeads * decoder.HeadSize);
    }

    public MatrixProduct Product { get; }

    /// <summary>Hidden states in front of the last norm: one row a token, sequence after sequence.</summary>
    /// <param name="ids">Of the whole batch.</param>
    /// <param name="parts">What of it.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    public float* Run(ReadOnlySpan<int> ids, ReadOnlySpan<SequencePart> parts, CancellationToken cancellation)
    {
        var count = 0;
        foreach (var part in parts)
        {
            count += part.Length;
        }

        Reserve(count);
        Embed(ids, parts);
        for (var layer = 0; layer < decoder.Layers.Count; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            var own = weights.Layers[layer];
            var plan = decoder.Layers[layer];
            var first = 0;
            foreach (var chunk in Chunks(count))
            {
                Project(own, first, chunk);
                first += chunk;
            }

            first = 0;
            foreach (var part in parts)
            {
                var at = heads + ((long)first * width);
                if (plan.Rotary is not null)
                {
                    using var lease = tables.Take(plan.Rotary, part.Whole, part.Length);
                    for (var token = 0; token < part.Length; token++)
                    {
                        lease.Table.Turn(at + ((long)token * width), decoder.Heads + decoder.KeyValueHeads, decoder.HeadSize, token);
                    }
                }

                attention.Attend(decoder.Attention(layer), at, part.Length, attended + ((long)first * queries));
                first += part.Length;
            }

            first = 0;
            foreach (var chunk in Chunks(count))
            {
                cancellation.ThrowIfCancellationRequested();
                Finish(own, first, chunk);
                first += chunk;
            }
        }

        return states;
    }

    /// <summary>The last norm over one state.</summary>
    public void Normalise(float* state, float* target) => weights.FinalNorm.Apply(state, 0, 1, decoder.Hidden, target, 0);

    public void Dispose()
    {
        Product.Dispose();
        attention.Dispose();
        feedForward.Dispose();
        tokens?.Dispose();
        rows?.Dispose();
    }

    private void Embed(ReadOnlySpan<int> ids, ReadOnlySpan<SequencePart> parts)
    {
        var target = states;
        foreach (var part in parts)
        {
            for (var position = 0; position < part.Length; position++, target += decoder.Hidden)
            {
                weights.Embedding.CopyRow(ids[part.Start + position], target);
                if (decoder.EmbeddingScale != 1)
                {
                    Rows.Scale(target, decoder.EmbeddingScale, decoder.Hidden);
                }

                if (weights.Positions is not null)
                {
                    weights.Positions.CopyRow(position, input);
                    Rows.Add(target, input, decoder.Hidden);
                }
            }
        }
    }

    /// <summary>Queries, keys and values of some tokens.</summary>
    private void Project(LayerWeights layer, int first, int count)
    {
        var state = states + ((long)first * decoder.Hidden);
        var source = state;
        if (layer.AttentionNorm is not null)
        {
            layer.AttentionNorm.Apply(state, decoder.Hidden, count, decoder.Hidden, input, decoder.Hidden);
            source = input;
        }

        var target = heads + ((long)first * width);
        layer.QueryKeyValue.Apply(Product, source, count, target);
        if (decoder.Clip != 0)
        {
            for (var token = 0; token < count; token++)
            {
                Rows.Clip(target + ((long)token * width), decoder.Clip, width);
            }
        }

        Normalise(layer.QueryNorm, target, count, decoder.Heads);
        Normalise(layer.KeyNorm, target + queries, count, decoder.KeyValueHeads);
    }

    private void Normalise(Norm? norm, float* target, int count, int headCount)
    {
        if (norm is null)
        {
            return;
        }

        var size = decoder.HeadSize;
        if (decoder.HeadNorm == HeadNorm.AllHeads)
        {
            norm.Apply(target, width, count, headCount * size, target, width);
            return;
        }

        for (var head = 0; head < headCount; head++)
        {
            norm.Apply(target + (head * size), width, count, size, target + (head * size), width, decoder.HeadNorm == HeadNorm.EachHeadOwn ? head * size : 0);
        }
    }

    /// <summary>What follows attention in a layer, for some tokens.</summary>
    private void Finish(LayerWeights layer, int first, int count)
    {
        var hidden = decoder.Hidden;
        var state = states + ((long)first * hidden);
        layer.Output.Apply(Product, attended + ((long)first * queries), count, output);
        layer.AttentionPostNorm?.Apply(output, hidden, count, hidden, output, hidden);
        if (!decoder.Parallel)
        {
            Rows.Add(state, output, (long)count * hidden);
        }

        var source = state;
        if ((layer.FeedForwardNorm ?? (decoder.Parallel ? layer.AttentionNorm : null)) is { } norm)
        {
            norm.Apply(state, hidden, count, hidden, input, hidden);
            source = input;
        }

        if (decoder.Parallel)
        {
            Rows.Add(state, output, (long)count * hidden);
        }

        feedForward.Apply(layer, source, count, output);
        layer.FeedForwardPostNorm?.Apply(output, hidden, count, hidden, output, hidden);
        Rows.Add(state, output, (long)count * hidden);
    }

    /// <summary>Tokens in pieces of even size, each no more than a product packs at a time.</summary>
    private static int[] Chunks(int count)
    {
        if (count == 0)
        {
            return [];
        }

        var pieces = (count + PackedRows.MaxRows - 1) / PackedRows.MaxRows;
        var size = ((((count + pieces - 1) / pieces) + PackedRows.GroupHeight - 1) / PackedRows.GroupHeight) * PackedRows.GroupHeight;
        return [.. Enumerable.Range(0, (count + size - 1) / size).Select(piece => Math.Min(size, count - (piece * size)))];
    }

    private void Reserve(int count)
    {
        long stateCount = (long)count * decoder.Hidden, headCount = (long)count * width, attendedCount = (long)count * queries;
        var bytes = (stateCount + headCount + attendedCount) * sizeof(float);
        if (tokens is null || tokens.Bytes < bytes)
        {
            tokens?.Dispose();
            tokens = new NativeBuffer(bytes);
        }

        states = tokens.Floats;
        heads = states + stateCount;
        attended = heads + headCount;
        rows ??= new NativeBuffer(2L * PackedRows.MaxRows * decoder.Hidden * sizeof(float));
        input = rows.Floats;
        output = input + ((long)PackedRows.MaxRows * decoder.Hidden);
    }
}
