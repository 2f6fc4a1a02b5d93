using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.Scoring;
using static TorchSharp.torch;

namespace DatasetBuild.TorchModels;

/// <summary>
/// A model of the Llama family on a device of TorchSharp, one sequence after the other, so that none depends on its neighbours. Takes one call at a time.
/// </summary>
internal sealed class TorchLanguageModel(Decoder decoder, TorchWeights weights, Device device, string contract) : ILanguageModel
{
    /// <summary>Rows whose logits are held at once.</summary>
    private const int HeadRows = 256;

    private readonly Lock gate = new();

    public string NumericsContract => contract;

    public int VocabularySize => decoder.Vocabulary;

    public int MaxLength => decoder.Context;

    public int HiddenSize => decoder.Hidden;

    /// <inheritdoc/>
    public void TokenLosses(TokenBatch batch, Span<float> losses, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(losses.Length, batch.TokenCount);
        losses.Fill(float.NaN);
        lock (gate)
        {
            for (var sequence = 0; sequence < batch.Count; sequence++)
            {
                var (start, length) = (batch.Start(sequence), batch.Length(sequence));
                if (length < 2 || !batch.Read.Slice(start + 1, length - 1).Contains(true))
                {
                    continue;
                }

                using var scope = NewDisposeScope();
                using var off = no_grad();
                var ids = batch.Ids.Slice(start, length).ToArray();
                var states = States(ids, cancellation);
                for (var first = 0; first < length - 1; first += HeadRows)
                {
                    var count = Math.Min(HeadRows, length - 1 - first);
                    using var inner = NewDisposeScope();
                    var shares = nn.functional.log_softmax(Logits(states.narrow(0, first, count)), 1);
                    var targets = tensor(ids.Skip(first + 1).Take(count).Select(id => (long)id).ToArray(), device: device).unsqueeze(1);
                    var found = shares.gather(1, targets).neg().cpu().data<float>().ToArray();
                    for (var i = 0; i < count; i++)
                    {
                        losses[start + first + 1 + i] = batch.Read[start + first + 1 + i] ? found[i] : float.NaN;
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public void PooledStates(TokenBatch batch, Span<float> states, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(states.Length, batch.Count * HiddenSize);
        states.Fill(float.NaN);
        lock (gate)
        {
            for (var sequence = 0; sequence < batch.Count; sequence++)
            {
                var wanted = batch.Read.Slice(batch.Start(sequence), batch.Length(sequence)).ToArray();
                if (wanted.Contains(true))
                {
                    using var scope = NewDisposeScope();
                    using var off = no_grad();
                    var all = States(batch.Ids.Slice(batch.Start(sequence), wanted.Length).ToArray(), cancellation);
                    var rows = tensor(Enumerable.Range(0, wanted.Length).Where(i => wanted[i]).Select(i => (long)i).ToArray(), device: device);
                    all.index_select(0, rows).mean([0L]).cpu().data<float>().ToArray().CopyTo(states[(sequence * HiddenSize)..]);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void NextTokenProbabilities(TokenBatch batch, ReadOnlySpan<int> candidates, Span<float> probabilities, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, batch.Count * candidates.Length);
        var words = candidates.ToArray().Select(word => (long)word).ToArray();
        if (words.Any(word => word < 0 || word >= VocabularySize))
        {
            throw new ArgumentException($"a candidate is outside the vocabulary of {VocabularySize}", nameof(candidates));
        }

        lock (gate)
        {
            for (var sequence = 0; sequence < batch.Count; sequence++)
            {
                using var scope = NewDisposeScope();
                using var off = no_grad();
                var ids = batch.Ids.Slice(batch.Start(sequence), batch.Length(sequence)).ToArray();
                if (ids.Length == 0)
                {
                    throw new ArgumentException($"sequence {sequence} is empty, so that nothing comes before the next token", nameof(batch));
                }

                var shares = nn.functional.softmax(Logits(States(ids, cancellation).narrow(0, ids.Length - 1, 1)), 1);
                shares.index_select(1, tensor(words, device: device)).cpu().data<float>().ToArray().CopyTo(probabilities[(sequence * words.Length)..]);
            }
        }
    }

    public void Dispose() => weights.Dispose();

    private Tensor Logits(Tensor states) => states.matmul(weights[decoder.Tied ? decoder.Names.Embedding : decoder.Names.Head].t());

    /// <summary>States behind the last norm, <c>length x hidden</c>.</summary>
    private Tensor States(int[] ids, CancellationToken cancellation)
    {
        var foreign = Array.FindIndex(ids, id => (uint)id >= (uint)VocabularySize);
        if (foreign >= 0)
        {
            throw new ArgumentException($"token {ids[foreign]} is outside the vocabulary of {VocabularySize}", nameof(ids));
        }

        if (ids.Length > MaxLength)
        {
            throw new ArgumentException($"a sequence has {ids.Length} tokens, more than the {MaxLength} of the model's context", nameof(ids));
        }

        var names = decoder.Names;
        var state = weights[names.Embedding].index_select(0, tensor(ids.Select(id => (long)id).ToArray(), device: device));
        for (var layer = 0; layer < decoder.Layers.Count; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            var at = $"{names.Layer}{layer}.";
            state += Attend(Norm(state, at + names.AttentionNorm), at, decoder.Layers[layer], ids.Length);
            var input = Norm(state, at + names.FeedForwardNorm);
            state += weights.Apply(at + names.Down, nn.functional.silu(weights.Apply(at + names.Gate, input)) * weights.Apply(at + names.Up, input));
        }

        return Norm(state, names.FinalNorm);
    }

    private Tensor Attend(Tensor input, string at, LayerPlan plan, int length)
    {
        // heads x length x size; keys and values are repeated for the heads that share them.
        Tensor Heads(string name, int count, string? norm)
        {
            var heads = weights.Apply(at + name, input).view(length, count, decoder.HeadSize);
            heads = (norm is null ? heads : Norm(heads, at + norm)).transpose(0, 1);
            return count == decoder.Heads ? heads : heads.repeat_interleave(decoder.Heads / count, 0);
        }

        var isNormalised = decoder.HeadNorm == HeadNorm.EachHead;
        var queries = Turn(Heads(decoder.Names.Query, decoder.Heads, isNormalised ? decoder.Names.QueryNorm : null), plan, length);
        var keys = Turn(Heads(decoder.Names.Key, decoder.KeyValueHeads, isNormalised ? decoder.Names.KeyNorm : null), plan, length);
        var values = Heads(decoder.Names.Value, decoder.KeyValueHeads, norm: null);

        var hidden = ones([length, length], ScalarType.Bool, device).triu(1);
        if (plan.Window > 0)
        {
            hidden = hidden.logical_or(ones([length, length], ScalarType.Bool, device).tril(-plan.Window));
        }

        var scores = (queries.matmul(keys.transpose(1, 2)) * plan.Scale).masked_fill(hidden, float.NegativeInfinity);
        var joined = nn.functional.softmax(scores, -1).matmul(values).transpose(0, 1).reshape(length, decoder.Heads * decoder.HeadSize);
        return weights.Apply(at + decoder.Names.Output, joined);
    }

    private Tensor Turn(Tensor heads, LayerPlan plan, int length)
    {
        if (plan.Rotary is null)
        {
            return heads;
        }

        var set = plan.Rotary.For(length);
        var angles = outer(arange(length, ScalarType.Float64), tensor(set.Frequencies).to(ScalarType.Float64));
        var cos = (angles.cos() * set.Magnitude).to(ScalarType.Float32).to(device);
        var sin = (angles.sin() * set.Magnitude).to(ScalarType.Float32).to(device);
        var half = set.Frequencies.Length;
        var (first, second) = (heads.narrow(2, 0, half), heads.narrow(2, half, half));
        return cat([(first * cos) - (second * sin), (second * cos) + (first * sin), heads.narrow(2, 2 * half, decoder.HeadSize - (2 * half))], 2);
    }

    private Tensor Norm(Tensor rows, string name) => rows * (rows.pow(2).mean([-1L], keepdim: true) + decoder.Epsilon).rsqrt() * weights[name];
}
