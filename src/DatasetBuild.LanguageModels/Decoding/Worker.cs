using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Kernels;
using DatasetBuild.Scoring;

namespace DatasetBuild.LanguageModels.Decoding;

/// <summary>Whole sequences that one thread computes together.</summary>
/// <param name="Ids">Of the whole batch.</param>
/// <param name="Parts">What is computed.</param>
/// <param name="Sequences">The numbers of those sequences in the batch.</param>
internal sealed record MicroBatch(int[] Ids, SequencePart[] Parts, int[] Sequences);

/// <summary>Computes micro-batches and reads values from their states. One thread's at a time.</summary>
internal sealed unsafe class Worker : IDisposable
{
    private readonly Decoder decoder;
    private readonly DecoderWeights weights;
    private readonly Forward forward;
    private readonly LogitReader logits;
    private readonly NativeBuffer gathered;
    private float* states;

    public Worker(Decoder decoder, DecoderWeights weights, RotaryTables tables, SimdPath path)
    {
        this.decoder = decoder;
        this.weights = weights;
        forward = new Forward(decoder, weights, tables, path);
        logits = new LogitReader(forward.Product);
        gathered = new NativeBuffer((long)PackedRows.MaxRows * decoder.Hidden * sizeof(float));
    }

    public void Compute(MicroBatch batch, CancellationToken cancellation) => states = forward.Run(batch.Ids, batch.Parts, cancellation);

    /// <summary>Losses of the wanted tokens, each from the state of the token before it.</summary>
    public void ReadLosses(TokenBatch batch, MicroBatch micro, float* losses)
    {
        var words = new int[PackedRows.MaxRows];
        var places = new int[PackedRows.MaxRows];
        var (count, first) = (0, 0);
        foreach (var part in micro.Parts)
        {
            for (var token = 0; token < part.Length; token++)
            {
                var next = part.Start + token + 1;
                if (batch.Read[next])
                {
                    forward.Normalise(states + ((long)(first + token) * decoder.Hidden), gathered.Floats + ((long)count * decoder.Hidden));
                    words[count] = micro.Ids[next];
                    places[count++] = next;
                    if (count == PackedRows.MaxRows)
                    {
                        Flush(count);
                        count = 0;
                    }
                }
            }

            first += part.Length;
        }

        Flush(count);

        void Flush(int rows)
        {
            Span<double> values = stackalloc double[PackedRows.MaxRows];
            Span<double> sums = stackalloc double[PackedRows.MaxRows];
            logits.Read(gathered.Floats, rows, weights.Head, decoder.LogitCap, words.AsSpan(0, rows), values[..rows], sums[..rows]);
            for (var row = 0; row < rows; row++)
            {
                losses[places[row]] = (float)(sums[row] - values[row]);
            }
        }
    }

    /// <summary>The mean of the normalised states of the wanted tokens of each sequence.</summary>
    public void PoolStates(TokenBatch batch, MicroBatch micro, float* pooled)
    {
        var first = 0;
        for (var i = 0; i < micro.Parts.Length; i++)
        {
            var part = micro.Parts[i];
            var target = pooled + ((long)micro.Sequences[i] * decoder.Hidden);
            new Span<float>(target, decoder.Hidden).Clear();
            var count = 0;
            for (var token = 0; token < part.Length; token++)
            {
                if (batch.Read[part.Start + token])
                {
                    forward.Normalise(states + ((long)(first + token) * decoder.Hidden), gathered.Floats);
                    Rows.Add(target, gathered.Floats, decoder.Hidden);
                    count++;
                }
            }

            Rows.Scale(target, 1f / count, decoder.Hidden);
            first += part.Length;
        }
    }

    /// <summary>Shares of the candidates among all words, behind the last token of each sequence.</summary>
    public void ReadProbabilities(TokenBatch batch, MicroBatch micro, int[] candidates, float* probabilities)
    {
        var first = 0;
        for (var start = 0; start < micro.Parts.Length; start += PackedRows.MaxRows)
        {
            var count = Math.Min(PackedRows.MaxRows, micro.Parts.Length - start);
            var words = new int[count * candidates.Length];
            for (var i = 0; i < count; i++)
            {
                first += micro.Parts[start + i].Length;
                forward.Normalise(states + ((long)(first - 1) * decoder.Hidden), gathered.Floats + ((long)i * decoder.Hidden));
                candidates.CopyTo(words, i * candidates.Length);
            }

            var values = new double[words.Length];
            var sums = new double[count];
            logits.Read(gathered.Floats, count, weights.Head, decoder.LogitCap, words, values, sums);
            for (var i = 0; i < values.Length; i++)
            {
                var target = (micro.Sequences[start + (i / candidates.Length)] * (long)candidates.Length) + (i % candidates.Length);
                probabilities[target] = (float)Elementary.Exp(Math.Max(values[i] - sums[i / candidates.Length], -700));
            }
        }
    }

    public void Dispose()
    {
        forward.Dispose();
        logits.Dispose();
        gathered.Dispose();
    }
}
