namespace DatasetBuild.Tokenization;

/// <summary>A token of a text: its place in bytes, and what it reports as its text, null for the vocabulary's.</summary>
internal readonly record struct FoundPiece(int Id, int Start, int End, string? Text = null);

/// <summary>Encodes the text between two added tokens. Immutable and thread-safe.</summary>
internal interface ISegmentEncoder
{
    /// <summary>The number of tokens in a segment of a text, which is not empty.</summary>
    int Count(ReadOnlySpan<byte> text, TextRange segment);

    /// <summary>Appends the tokens of a segment of a text, which is not empty; places are those in the whole text.</summary>
    void Encode(ReadOnlySpan<byte> text, TextRange segment, List<FoundPiece> tokens);

    /// <summary>As the other, for who needs ids and places only.</summary>
    void Encode(ReadOnlySpan<byte> text, TextRange segment, List<Token> tokens)
    {
        var found = new List<FoundPiece>();
        Encode(text, segment, found);
        foreach (var piece in found)
        {
            tokens.Add(new Token(piece.Id, piece.Start, piece.End));
        }
    }
}
