using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Decoding;
using DatasetBuild.LanguageModels.Kernels;
using DatasetBuild.Scoring;

namespace DatasetBuild.LanguageModels;

/// <summary>
/// A model on the processors of this machine. A batch is cut into micro-batches of whole sequences; each is one thread's from the first layer to the last value, so that threads wait for nobody and
/// what a sequence gets depends on itself alone.
/// </summary>
internal sealed class CpuLanguageModel(Decoder decoder, DecoderWeights weights, int threads, SimdPath path) : ILanguageModel
{
    /// <summary>Tokens of a micro-batch: enough that weights are used many times while they are near, few enough that threads end together.</summary>
    private const int MostTokens = 768;
    private const int LeastTokens = 192;

    private readonly RotaryTables tables = new();
    private readonly ConcurrentBag<Worker> idle = [];

    public string NumericsContract => CpuLanguageModelLoader.Contract;

    public int VocabularySize => decoder.Vocabulary;

    public int MaxLength => decoder.Context;

    public int HiddenSize => decoder.Hidden;

    /// <inheritdoc/>
    public unsafe void TokenLosses(TokenBatch batch, Span<float> losses, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(losses.Length, batch.TokenCount);
        losses.Fill(float.NaN);
        fixed (float* target = losses)
        {
            // A token is predicted by the one before it, so nothing is computed for the last one that is asked for.
            var results = new Results(target);
            Run(batch, (start, length) => batch.Read.Slice(start, length).LastIndexOf(true), (worker, parts) => worker.ReadLosses(batch, parts, results.Floats), cancellation);
        }
    }

    /// <inheritdoc/>
    public unsafe void PooledStates(TokenBatch batch, Span<float> states, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(states.Length, batch.Count * HiddenSize);
        states.Fill(float.NaN);
        fixed (float* target = states)
        {
            var results = new Results(target);
            Run(batch, (start, length) => batch.Read.Slice(start, length).LastIndexOf(true) + 1, (worker, parts) => worker.PoolStates(batch, parts, results.Floats), cancellation);
        }
    }

    /// <inheritdoc/>
    public unsafe void NextTokenProbabilities(TokenBatch batch, ReadOnlySpan<int> candidates, Span<float> probabilities, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, batch.Count * candidates.Length);
        var words = candidates.ToArray();
        if (words.Any(word => (uint)word >= (uint)VocabularySize))
        {
            throw new ArgumentException($"a candidate is outside the vocabulary of {VocabularySize}", nameof(candidates));
        }

        for (var sequence = 0; sequence < batch.Count; sequence++)
        {
            if (batch.Length(sequence) == 0)
            {
                throw new ArgumentException($"sequence {sequence} is empty, so that nothing comes before the next token", nameof(batch));
            }
        }

        fixed (float* target = probabilities)
        {
            var results = new Results(target);
            Run(batch, (_, length) => length, (worker, parts) => worker.ReadProbabilities(batch, parts, words, results.Floats), cancellation);
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var worker))
        {
            worker.Dispose();
        }

        tables.Dispose();
        weights.Dispose();
    }

    /// <param name="batch">All sequences.</param>
    /// <param name="needed">From start and length of a sequence: how many of its tokens must be computed.</param>
    /// <param name="read">Reads what is asked for of a micro-batch.</param>
    /// <param name="cancellation">Stops all threads.</param>
    private void Run(TokenBatch batch, Func<int, int, int> needed, Action<Worker, MicroBatch> read, CancellationToken cancellation)
    {
        Check(batch);
        var parts = Split(batch, needed);
        if (parts.Count <= 1 || threads == 1)
        {
            Work(parts, new Counter(), read, cancellation);
            return;
        }

        var next = new Counter();
        var failures = new ConcurrentQueue<Exception>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var helpers = Enumerable.Range(1, Math.Min(threads, parts.Count) - 1).Select(_ => new Thread(WorkAndCatch)).ToList();
        helpers.ForEach(helper => helper.Start());
        WorkAndCatch();
        helpers.ForEach(helper => helper.Join());
        cancellation.ThrowIfCancellationRequested();
        if (failures.FirstOrDefault(failure => failure is not OperationCanceledException) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        void WorkAndCatch()
        {
            try
            {
                Work(parts, next, read, stop.Token);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
                stop.Cancel();
            }
        }
    }

    private void Work(List<MicroBatch> parts, Counter next, Action<Worker, MicroBatch> read, CancellationToken cancellation)
    {
        if (!idle.TryTake(out var worker))
        {
            worker = new Worker(decoder, weights, tables, path);
        }

        try
        {
            for (int part; (part = Interlocked.Increment(ref next.Value)) < parts.Count;)
            {
                cancellation.ThrowIfCancellationRequested();
                worker.Compute(parts[part], cancellation);
                read(worker, parts[part]);
            }
        }
        finally
        {
            idle.Add(worker);
        }
    }

    private List<MicroBatch> Split(TokenBatch batch, Func<int, int, int> needed)
    {
        var ids = batch.Ids.ToArray();
        var budget = Math.Clamp(batch.TokenCount / (threads * 4), LeastTokens, MostTokens);
        var micro = new List<MicroBatch>();
        var parts = new List<SequencePart>();
        var sequences = new List<int>();
        var tokens = 0;
        for (var sequence = 0; sequence < batch.Count; sequence++)
        {
            int start = batch.Start(sequence), length = batch.Length(sequence);
            var count = needed(start, length);
            if (count <= 0)
            {
                continue;
            }

            if (tokens > 0 && tokens + count > budget)
            {
                Close();
            }

            parts.Add(new SequencePart(start, count, length));
            sequences.Add(sequence);
            tokens += count;
        }

        if (tokens > 0)
        {
            Close();
        }

        return micro;

        void Close()
        {
            micro.Add(new MicroBatch(ids, [.. parts], [.. sequences]));
            parts.Clear();
            sequences.Clear();
            tokens = 0;
        }
    }

    private void Check(TokenBatch batch)
    {
        foreach (var id in batch.Ids)
        {
            if ((uint)id >= (uint)VocabularySize)
            {
                throw new ArgumentException($"token {id} is outside the vocabulary of {VocabularySize}", nameof(batch));
            }
        }

        for (var sequence = 0; sequence < batch.Count; sequence++)
        {
            if (batch.Length(sequence) > MaxLength)
            {
                throw new ArgumentException($"sequence {sequence} has {batch.Length(sequence)} tokens, more than the {MaxLength} of the model's context", nameof(batch));
            }
        }
    }

    /// <summary>The number of the last micro-batch that a thread took.</summary>
    private sealed class Counter
    {
        public int Value = -1;
    }

    /// <summary>Where results go: threads write to places of their own.</summary>
    private sealed unsafe class Results(float* floats)
    {
        public float* Floats => floats;
    }
}
