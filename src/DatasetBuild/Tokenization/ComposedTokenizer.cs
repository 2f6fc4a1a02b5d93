using System.Runtime.InteropServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// A tokenizer put together from its parts: added tokens are taken out of the text, what lies between them is encoded, and the post-processor
/// finishes the whole. Each part is immutable.
/// </summary>
internal sealed class ComposedTokenizer(
    AddedVocabulary added, ISegmentEncoder segments, ITokenTexts texts, IPostProcessor? postProcessor, IDecoder? decoder, string identity) : ITokenizer, IRemembersWords
{
    public string Identity { get; } = identity;

    public int VocabularySize { get; } = Math.Max(texts.Size, added.Size);

    public void ForgetWords() => (segments as IRemembersWords)?.ForgetWords();

    public int Count(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var part in added.Split(utf8))
        {
            count += part.Range.Length == 0 ? 0 : part.Id >= 0 ? 1 : segments.Count(utf8, part.Range);
        }

        return count;
    }

    public void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens)
    {
        foreach (var part in added.Split(utf8))
        {
            if (part.Range.Length > 0 && part.Id >= 0)
            {
                tokens.Add(new Token(part.Id, part.Range.Start, part.Range.End));
            }
            else if (part.Range.Length > 0)
            {
                segments.Encode(utf8, part.Range, tokens);
            }
        }
    }

    public EncodedText EncodeText(string text, string? pair = null, bool addSpecialTokens = false)
    {
        List<List<EncodedToken>> parts = [EncodeOne(text, 0)];
        if (pair is not null)
        {
            parts.Add(EncodeOne(pair, 1));
        }

        parts = postProcessor?.Process(parts, addSpecialTokens) ?? parts;
        return new EncodedText([.. parts.SelectMany(part => part)]);
    }

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (Text(id) is { } token && !(skipSpecialTokens && added.IsSpecial(token)))
            {
                tokens.Add(token);
            }
        }

        return decoder is null ? string.Join(' ', tokens) : string.Concat(decoder.Decode(tokens));
    }

    public ReadOnlySpan<byte> Bytes(int id)
    {
        var text = Text(id) ?? throw new ArgumentOutOfRangeException(nameof(id), id, "No token of the vocabulary has this id.");
        return texts is ByteLevelTexts && added.Text(id) is null && ByteLevelAlphabet.Decode(text) is { } bytes ? bytes : Encoding.UTF8.GetBytes(text);
    }

    private string? Text(int id) => added.Text(id) ?? texts.Text(id);

    private List<FoundPiece> Find(ReadOnlySpan<byte> utf8)
    {
        var found = new List<FoundPiece>();
        foreach (var part in added.Split(utf8))
        {
            if (part.Range.Length == 0)
            {
                continue;
            }

            if (part.Id >= 0)
            {
                found.Add(new FoundPiece(part.Id, part.Range.Start, part.Range.End, Encoding.UTF8.GetString(utf8[part.Range.Start..part.Range.End])));
            }
            else
            {
                segments.Encode(utf8, part.Range, found);
            }
        }

        return found;
    }

    private List<EncodedToken> EncodeOne(string text, int typeId)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var places = new CodePointPlaces(utf8);
        var tokens = new List<EncodedToken>();
        foreach (ref readonly var piece in CollectionsMarshal.AsSpan(Find(utf8)))
        {
            var (start, end) = places.Of(piece.Start, piece.End);
            tokens.Add(new EncodedToken(piece.Id, piece.Text ?? texts.Text(piece.Id) ?? "", start, end, typeId, IsSpecial: false));
        }

        return tokens;
    }
}
