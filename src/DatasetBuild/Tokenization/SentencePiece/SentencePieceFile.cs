namespace DatasetBuild.Tokenization;

/// <summary>What a SentencePiece model's file says, as far as it matters for encoding and decoding.</summary>
internal sealed record SentencePieceFile
{
    public List<(string Text, float Score, PieceKind Kind)> Pieces { get; } = [];

    public SentencePieceModelType ModelType { get; set; } = SentencePieceModelType.Unigram;

    public bool ByteFallback { get; set; }

    public bool WhiteSpaceAsSuffix { get; set; }

    /// <summary>What the unknown token is decoded to.</summary>
    public string UnknownSurface { get; set; } = " \u2047 ";

    public CharacterMap? Map { get; set; }

    public bool AddDummyPrefix { get; set; } = true;

    public bool RemoveExtraWhiteSpace { get; set; } = true;

    public bool EscapeWhiteSpace { get; set; } = true;
}

/// <summary>The types of models, with the numbers of their files.</summary>
internal enum SentencePieceModelType
{
    Unigram = 1,
    Bpe = 2,
    Word = 3,
    Char = 4,
}
