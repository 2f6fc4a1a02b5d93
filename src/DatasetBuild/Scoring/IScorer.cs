using DatasetBuild.Caching;

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

/// <summary>Permanent reasons for a missing value; functions of the record alone. The numbers stand in stores and are never reused.</summary>
public enum MissingReason : byte
{
    /// <summary>The conversation has no assistant turn, so it has no response.</summary>
    NoAssistantTurn = 2,

    /// <summary>A document has neither prompt nor response.</summary>
    RawText = 3,

    /// <summary>The record does not have the field, or it is null.</summary>
    NoField = 4,

    /// <summary>The field is not a number.</summary>
    NotANumber = 5,

    /// <summary>The score file has no row for the record.</summary>
    NoRow = 6,

    /// <summary>The record does not have the field of <c>GroupBy</c>.</summary>
    NoGroup = 7,
}

public static class MissingReasons
{
    public static string Describe(MissingReason reason) => reason switch
    {
        MissingReason.NoAssistantTurn => "no assistant turn",
        MissingReason.RawText => "raw text has no such part",
        MissingReason.NoField => "field absent",
        MissingReason.NotANumber => "field is not a number",
        MissingReason.NoRow => "no row in the score file",
        MissingReason.NoGroup => "no value to group by",
        _ => $"reason {(byte)reason}",
    };
}
