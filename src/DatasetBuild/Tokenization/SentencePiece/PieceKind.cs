namespace DatasetBuild.Tokenization;

/// <summary>What a piece of a SentencePiece model is, with the numbers of its files.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,

    /// <summary>Never found in a text, and invisible when decoded: the marks of the start and the end of a text.</summary>
    Control = 3,

    /// <summary>Always found in a text, whatever its score.</summary>
    UserDefined = 4,

    /// <summary>Takes part in merges, and is then taken apart again.</summary>
    Unused = 5,
    Byte = 6,
}
