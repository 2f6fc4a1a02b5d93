namespace DatasetBuild.Tokenization;

/// <summary>
/// BertProcessing and RobertaProcessing: a token before the first text and one behind each. RoBERTa's has another one before the second
/// text and gives every token the type 0.
/// </summary>
internal sealed class BertPostProcessor((int Id, string Text) start, (int Id, string Text) separator, bool roberta) : IPostProcessor
{
    public List<List<EncodedToken>> Process(List<List<EncodedToken>> encodings, bool addSpecialTokens)
    {
        var parts = encodings;
        if (roberta)
        {
            parts = [.. parts.Select(tokens => tokens.Select(token => token with { TypeId = 0 }).ToList())];
        }

        return addSpecialTokens ? [.. parts.Select(Surround)] : parts;
    }

    private List<EncodedToken> Surround(List<EncodedToken> tokens, int index)
    {
        var type = roberta || index == 0 ? 0 : 1;
        return
        [
            .. index == 0 ? [Special(start)] : roberta ? [Special(separator)] : Array.Empty<EncodedToken>(),
            .. tokens.Select(token => token with { IsSpecial = false }),
            Special(separator),
        ];

        EncodedToken Special((int Id, string Text) token) => new(token.Id, token.Text, 0, 0, type, IsSpecial: true);
    }
}
