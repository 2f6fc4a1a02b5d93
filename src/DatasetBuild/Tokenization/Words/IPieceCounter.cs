namespace DatasetBuild.Tokenization;

/// <summary>Counts the tokens of a piece that <see cref="WordTable"/> has not met. A piece of a single byte is one token.</summary>
internal interface IPieceCounter
{
    /// <summary>The number of tokens of a piece, which is not empty.</summary>
    int Count(ReadOnlySpan<byte> piece);
}
