using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// WordPiece: the longest token that a piece starts with, then the longest with the prefix of continuations that the rest starts with. A piece
/// that cannot be spelled so, or has too many characters, is one unknown token.
/// </summary>
internal sealed class WordPieceModel : ITokenModel
{
    private readonly ByteTrie _trie = new();
    private readonly int _continuing;
    private readonly string _unknownToken;
    private readonly int _unknown;
    private readonly long _mostCharacters;

    public WordPieceModel(Vocabulary vocabulary, string unknownToken, string continuingPrefix, long mostCharacters)
    {
        Vocabulary = vocabulary;
        _unknownToken = unknownToken;
        _unknown = vocabulary.Find(unknownToken);
        _mostCharacters = mostCharacters;
        foreach (var (utf8, id) in vocabulary.Tokens())
        {
            _trie.Add(utf8, id);
        }

        _continuing = ByteTrie.Root;
        foreach (var b in Encoding.UTF8.GetBytes(continuingPrefix))
        {
            _continuing = _continuing >= 0 ? _trie.Child(_continuing, b) : -1;
        }
    }

    public Vocabulary Vocabulary { get; }

    public void Write(ImageWriter image) => Vocabulary.WriteAlone(image);

    public int Count(ReadOnlySpan<byte> piece) => Spell(piece, null) is > 0 and var count ? count : Unknown(piece) >= 0 ? 1 : 0;

    public void Encode(ReadOnlySpan<byte> piece, List<PieceToken> tokens)
    {
        var first = tokens.Count;
        if (Spell(piece, tokens) == 0)
        {
            tokens.RemoveRange(first, tokens.Count - first);
            tokens.Add(new PieceToken(Unknown(piece), 0, piece.Length));
        }
    }

    /// <summary>The number of tokens, or 0 if the piece has no spelling.</summary>
    private int Spell(ReadOnlySpan<byte> piece, List<PieceToken>? tokens)
    {
        if (piece.Length > _mostCharacters && Utf8Scalars.Count(piece) > _mostCharacters)
        {
            return 0;
        }

        var count = 0;
        for (var start = 0; start < piece.Length; count++)
        {
            var (id, end) = (-1, start);
            var node = start == 0 ? ByteTrie.Root : _continuing;
            for (var i = start; i < piece.Length && node >= 0; i++)
            {
                node = _trie.Child(node, piece[i]);
                if (node >= 0 && _trie.Value(node) is >= 0 and var value)
                {
                    (id, end) = (value, i + 1);
                }
            }

            if (id < 0)
            {
                return 0;
            }

            tokens?.Add(new PieceToken(id, start, end));
            start = end;
        }

        return count;
    }

    private int Unknown(ReadOnlySpan<byte> piece) => _unknown >= 0 ? _unknown : throw NoToken.For(piece, _unknownToken);
}
