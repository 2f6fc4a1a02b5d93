namespace DatasetBuild.Tokenization;

/// <summary>What a word comes to by itself.</summary>
/// <param name="Tokens">Its tokens, or -1 if it does not stand for itself.</param>
/// <param name="Pieces">The pieces that were chosen for it: more than its tokens where some make one token.</param>
/// <param name="MostPieces">Pieces of the longest text in which it has this count.</param>
internal readonly record struct WordCount(int Tokens, int Pieces, int MostPieces)
{
    /// <summary>The count of a word that has it in every text, or -1.</summary>
    public static implicit operator WordCount(int tokens) => new(tokens, tokens, int.MaxValue);
}
