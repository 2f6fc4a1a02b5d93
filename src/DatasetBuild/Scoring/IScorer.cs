using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Scoring;

/// <summary>
/// score(record): a pure function of the canonical conversation and of declared parameters. Thread-safe.
/// A transient failure (memory, time, device, I/O) is an exception and never a value; what is missing for good has a <see cref="MissingReason"/>.
/// </summary>
public interface IScorer
{
    /// <summary>
    /// Names the scorer in the store: its name, version and every parameter that can change a value, defaults spelled out, files by their
    /// digests; never a path.
    /// </summary>
    ScorerIdentity Identity { get; }

    /// <summary>Bytes of one value: 8 for a number (float64, little-endian), 16 for a content hash.</summary>
    int Width { get; }

    /// <summary>Scores a batch.</summary>
    /// <param name="batch">n conversations.</param>
    /// <param name="values">n x <see cref="Width"/> bytes, zero on entry.</param>
    /// <param name="states">n bytes: 1 where a value was written, otherwise a <see cref="MissingReason"/>.</param>
    void Score(ConversationBatch batch, Span<byte> values, Span<byte> states);
}
