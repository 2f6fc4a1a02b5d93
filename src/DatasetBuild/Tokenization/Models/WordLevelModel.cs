namespace DatasetBuild.Tokenization;

/// <summary>WordLevel: a piece is one token.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, string unknownToken) : ITokenModel
{
    private readonly int _unknown = vocabulary.Find(unknownToken);

    public Vocabulary Vocabulary { get; } = vocabulary;

    public void Write(ImageWriter image) => Vocabulary.WriteAlone(image);

    public int Count(ReadOnlySpan<byte> piece)
    {
        Find(piece, out _);
        return 1;
    }

    public void Encode(ReadOnlySpan<byte> piece, List<PieceToken> tokens)
    {
        var id = Find(piece, out var known);
        tokens.Add(new PieceToken(id, 0, piece.Length, known));
    }

    private int Find(ReadOnlySpan<byte> piece, out bool known)
    {
        var id = Vocabulary.Find(piece);
        known = id >= 0;
        return known ? id : _unknown >= 0 ? _unknown : throw NoToken.For(piece, unknownToken);
    }
}
