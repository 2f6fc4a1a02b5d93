using System.Runtime.InteropServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>The tokenizer of a rank file: a pattern cuts the text into pieces, and bytes are merged inside each piece. It has no special tokens.</summary>
internal sealed class RankTokenizer(TokenTable tokens, BytePairEncoder encoder, SplitPattern pattern, string identity) : ITokenizer
{
    private readonly ByteLevelSegments _segments = new(encoder, pattern);

    public string Identity { get; } = identity;

    public int VocabularySize => tokens.Size;

    public int Count(ReadOnlySpan<byte> utf8) => _segments.Count(utf8, new TextRange(0, utf8.Length));

    public void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens)
    {
        foreach (ref readonly var piece in CollectionsMarshal.AsSpan(Find(utf8)))
        {
            tokens.Add(new Token(piece.Id, piece.Start, piece.End));
        }
    }

    /// <summary>The reported tokens are the text that they decode to.</summary>
    public EncodedText EncodeText(string text, string? pair = null, bool addSpecialTokens = false) =>
        new([.. EncodeOne(text, 0), .. pair is null ? [] : EncodeOne(pair, 1)]);

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var bytes = new MemoryStream();
        foreach (var id in ids)
        {
            bytes.Write(tokens.Contains(id) ? tokens.Bytes(id) : []);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    public ReadOnlySpan<byte> Bytes(int id) => tokens.Bytes(id);

    private List<FoundPiece> Find(ReadOnlySpan<byte> utf8)
    {
        var found = new List<FoundPiece>();
        _segments.Encode(utf8, new TextRange(0, utf8.Length), found);
        return found;
    }

    private List<EncodedToken> EncodeOne(string text, int typeId)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var places = new CodePointPlaces(utf8);
        return [.. Find(utf8).Select(piece =>
        {
            var (start, end) = places.Of(piece.Start, piece.End);
            return new EncodedToken(piece.Id, Encoding.UTF8.GetString(tokens.Bytes(piece.Id)), start, end, typeId, IsSpecial: false);
        })];
    }
}
