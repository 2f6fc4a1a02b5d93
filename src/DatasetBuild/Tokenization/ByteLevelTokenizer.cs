namespace DatasetBuild.Tokenization;

/// <summary>A byte-level BPE tokenizer: a pattern cuts the text into pieces, and bytes are merged inside each piece.</summary>
internal sealed class ByteLevelTokenizer(TokenTable tokens, BytePairEncoder encoder, SplitPattern pattern, string identity) : ITokenizer
{
    public string Identity { get; } = identity;

    /// <summary>One more than the highest id of the vocabulary; added tokens are not part of it.</summary>
    public int VocabularySize => tokens.Size;

    public int Count(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        for (var start = 0; start < utf8.Length;)
        {
            var end = pattern.PieceEnd(utf8, start);
            count += encoder.Count(utf8[start..end]);
            start = end;
        }

        return count;
    }

    public void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens)
    {
        for (var start = 0; start < utf8.Length;)
        {
            var end = pattern.PieceEnd(utf8, start);
            encoder.Encode(utf8[start..end], start, tokens);
            start = end;
        }
    }

    public ReadOnlySpan<byte> Bytes(int id) => tokens.Bytes(id);
}
