using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>The tokenizer of a rank file: a pattern cuts the text into pieces, and bytes are merged inside each piece. It has no special tokens.</summary>
internal sealed class RankTokenizer(ByteLevelModel model, SplitPattern pattern, string identity) : ITokenizer, IRemembersWords
{
    private readonly ByteLevelSegments _segments = new(model.Encoder, pattern);

    public string Identity { get; } = identity;

    public int VocabularySize => model.Tokens.Size;

    public ByteLevelModel Model => model;

    public void ForgetWords() => _segments.ForgetWords();

    public int Count(ReadOnlySpan<byte> utf8) => _segments.Count(utf8, new TextRange(0, utf8.Length));

    public void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens) => _segments.Encode(utf8, new TextRange(0, utf8.Length), tokens);

    /// <summary>The reported tokens are the text that they decode to.</summary>
    public EncodedText EncodeText(string text, string? pair = null, bool addSpecialTokens = false) =>
        new([.. EncodeOne(text, 0), .. pair is null ? [] : EncodeOne(pair, 1)]);

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var bytes = new MemoryStream();
        foreach (var id in ids)
        {
            bytes.Write(model.Tokens.Contains(id) ? model.Tokens.Bytes(id) : []);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    public ReadOnlySpan<byte> Bytes(int id) => model.Tokens.Bytes(id);

    private List<EncodedToken> EncodeOne(string text, int typeId)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var places = new CodePointPlaces(utf8);
        var tokens = new List<Token>();
        Encode(utf8, tokens);
        return [.. tokens.Select(token =>
        {
            var (start, end) = places.Of(token.Start, token.End);
            return new EncodedToken(token.Id, Encoding.UTF8.GetString(Bytes(token.Id)), start, end, typeId, IsSpecial: false);
        })];
    }
}
