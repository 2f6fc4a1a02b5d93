using System.Text;
using DatasetBuild.Tokenization;
using Microsoft.ML.Tokenizers;

namespace DatasetBuild.MicrosoftTokenizers;

/// <summary>
/// Any tokenizer of Microsoft.ML.Tokenizers as one of ours. It puts no tokens around a text, or has to be created so that it does not: a count is that of
/// the text itself.
/// </summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="identity">All that decides what it does to a text, as text: scores are kept under it.</param>
/// <param name="vocabularySize">One more than the highest id, which the library does not tell; or null.</param>
public sealed class MicrosoftTokenizer(Tokenizer tokenizer, string identity, int? vocabularySize = null) : ITokenizer
{
    public string Identity { get; } = identity;

    /// <exception cref="NotSupportedException">It is not known.</exception>
    public int VocabularySize => vocabularySize ?? throw new NotSupportedException("The size of the vocabulary is not known. Write it as \"vocabulary_size\" in the description of the tokenizer.");

    public int Count(ReadOnlySpan<byte> utf8) => tokenizer.CountTokens(Encoding.UTF8.GetString(utf8));

    public void Encode(ReadOnlySpan<byte> utf8, List<DatasetBuild.Tokenization.Token> tokens)
    {
        var text = Encoding.UTF8.GetString(utf8);
        foreach (var (token, start, end) in Encode(text))
        {
            var from = Encoding.UTF8.GetByteCount(text.AsSpan(0, start));
            tokens.Add(new DatasetBuild.Tokenization.Token(token.Id, from, from + Encoding.UTF8.GetByteCount(text.AsSpan(start, end - start))));
        }
    }

    public EncodedText EncodeText(string text, string? pair = null, bool addSpecialTokens = false) =>
        EncodedText.Of([.. EncodeOne(text, 0), .. pair is null ? [] : EncodeOne(pair, 1)]);

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false) => tokenizer.Decode(ids.ToArray()) ?? "";

    public ReadOnlySpan<byte> Bytes(int id) => Encoding.UTF8.GetBytes(tokenizer.Decode([id]) ?? "");

    private IEnumerable<(int Id, string Text, int Start, int End, int TypeId)> EncodeOne(string text, int typeId) => Encode(text).Select(found =>
        (found.Token.Id, found.Token.Value, CodePoints(text, found.Start), CodePoints(text, found.End), typeId));

    /// <summary>The tokens with their places in UTF-16 units. Of a text that a normalizer changed the library tells none, so there every token has the place of all.</summary>
    private IEnumerable<(EncodedToken Token, int Start, int End)> Encode(string text)
    {
        var tokens = tokenizer.EncodeToTokens(text, out var normalized);
        var changed = normalized is not null && normalized != text;
        foreach (var token in tokens)
        {
            // A part of a character that takes two units has the place of both.
            var (start, end) = changed ? (0, text.Length) : (token.Offset.Start.Value, token.Offset.End.Value);
            start -= start > 0 && start < text.Length && char.IsLowSurrogate(text[start]) ? 1 : 0;
            end += end < text.Length && char.IsLowSurrogate(text[end]) ? 1 : 0;
            yield return (token, start, end);
        }
    }

    private static int CodePoints(string text, int end)
    {
        var count = 0;
        for (var i = 0; i < end; i++)
        {
            count += char.IsLowSurrogate(text[i]) ? 0 : 1;
        }

        return count;
    }
}
