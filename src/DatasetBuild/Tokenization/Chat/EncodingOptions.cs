using DatasetBuild.Records;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>Which end of a conversation that is too long is cut off.</summary>
public enum TruncationSide
{
    /// <summary>The beginning goes, the last tokens stay.</summary>
    Left,

    /// <summary>The end goes, the first tokens stay, as trainers do by default.</summary>
    Right,
}

/// <summary>What becomes of a conversation of more tokens than <see cref="EncodingOptions.MaxLength"/>.</summary>
public enum TooLong
{
    /// <summary>It has no value (<see cref="MissingReason.TooLong"/>).</summary>
    Drop,

    /// <summary>It is cut as training would cut it, and marked.</summary>
    Score,

    /// <summary>It is an error.</summary>
    Fail,
}

/// <summary>How conversations become tokens; all of it can change a score.</summary>
public sealed record EncodingOptions
{
    /// <summary><see cref="Records.Part.Response"/> (every assistant turn) or <see cref="Records.Part.LastResponse"/>: what is supervised.</summary>
    public Part Part { get; init; } = Part.Response;

    /// <summary>The greatest number of tokens, or null for no limit.</summary>
    public int? MaxLength { get; init; }

    public TruncationSide Side { get; init; } = TruncationSide.Right;

    public TooLong TooLong { get; init; } = TooLong.Drop;

    /// <summary>What stands before a response that is encoded alone; null for the template's own assistant header.</summary>
    public string? AlonePrefix { get; init; }

    /// <summary>The day that <c>strftime_now</c> formats, as <c>yyyy-MM-dd</c>; null where none is declared: then a template that asks for it fails.</summary>
    public string? Date { get; init; }
}
