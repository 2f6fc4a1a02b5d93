using System.Runtime.InteropServices;

namespace DatasetBuild.Scoring;

/// <summary>Sequences of token ids laid end to end, without padding: what a language model is fed. Reused from batch to batch; not thread-safe.</summary>
public sealed class TokenBatch
{
    private readonly List<int> ids = [];
    private readonly List<bool> read = [];
    private readonly List<int> ends = [];

    /// <summary>The number of sequences.</summary>
    public int Count => ends.Count;

    /// <summary>The number of tokens of all sequences.</summary>
    public int TokenCount => ids.Count;

    /// <summary>The ids of all sequences, end to end.</summary>
    public ReadOnlySpan<int> Ids => CollectionsMarshal.AsSpan(ids);

    /// <summary>For each token whether its value is wanted; a first token is never predicted.</summary>
    public ReadOnlySpan<bool> Read => CollectionsMarshal.AsSpan(read);

    /// <summary>Where a sequence starts in <see cref="Ids"/>.</summary>
    public int Start(int sequence) => sequence == 0 ? 0 : ends[sequence - 1];

    /// <summary>The number of tokens of a sequence; 0 is allowed.</summary>
    public int Length(int sequence) => ends[sequence] - Start(sequence);

    /// <summary>Appends a sequence.</summary>
    /// <param name="sequence">Its ids.</param>
    /// <param name="wanted">For each of them whether its value is wanted.</param>
    public void Add(ReadOnlySpan<int> sequence, ReadOnlySpan<bool> wanted)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(wanted.Length, sequence.Length);
        ids.AddRange(sequence);
        read.AddRange(wanted);
        ends.Add(ids.Count);
    }

    public void Clear()
    {
        ids.Clear();
        read.Clear();
        ends.Clear();
    }
}
