namespace DatasetBuild.Tokenization;

/// <summary>One token: its id in the vocabulary and its place, a half-open range of bytes of the text's UTF-8.</summary>
public readonly record struct Token(int Id, int Start, int End);

/// <summary>
/// Turns text into tokens and back. The added tokens of a <c>tokenizer.json</c> are found in a text, as its library does it; a rank file has none, so
/// there they are plain text. No tokens are put around a text unless that is asked for. Thread-safe.
/// </summary>
public interface ITokenizer : ITextCounter
{
    /// <summary>One more than the highest id.</summary>
    int VocabularySize { get; }

    /// <summary>Appends the tokens of <paramref name="utf8"/>, in order. Where a normalizer changed the text, a token's place is in whole characters.</summary>
    /// <exception cref="DatasetException">The text holds something that the vocabulary has no token for (DSB3016), or costs too much work (DSB3015).</exception>
    void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens);

    /// <summary>Encodes a text, or two as a pair, with all that the library reports of each token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text of a pair, or null.</param>
    /// <param name="addSpecialTokens">Whether the post-processor puts its tokens around and between the texts. Truncation and padding are never applied.</param>
    /// <exception cref="DatasetException">As <see cref="Encode"/>.</exception>
    EncodedText EncodeText(string text, string? pair = null, bool addSpecialTokens = false);

    /// <summary>The text that tokens stand for. Ids that no token has are left out; bytes that are no valid UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Ids of tokens, in order.</param>
    /// <param name="skipSpecialTokens">Whether added tokens that are special are left out.</param>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false);

    /// <summary>The bytes that a token stands for. They need not be valid UTF-8 by themselves.</summary>
    ReadOnlySpan<byte> Bytes(int id);
}
