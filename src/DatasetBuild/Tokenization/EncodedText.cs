namespace DatasetBuild.Tokenization;

/// <summary>
/// What a tokenizer makes of a text or a pair of texts, in the form in which Hugging Face's library reports it. All lists have one entry for each token.
/// </summary>
public sealed class EncodedText
{
    internal EncodedText(IReadOnlyList<EncodedToken> tokens)
    {
        Ids = [.. tokens.Select(token => token.Id)];
        Tokens = [.. tokens.Select(token => token.Text)];
        Offsets = [.. tokens.Select(token => (token.Start, token.End))];
        TypeIds = [.. tokens.Select(token => token.TypeId)];
        SpecialTokensMask = [.. tokens.Select(token => token.IsSpecial ? 1 : 0)];
    }

    /// <summary>What another library made of a text: ids, written forms, places in code points, and which of the texts each belongs to; no token is special.</summary>
    public static EncodedText Of(IEnumerable<(int Id, string Text, int Start, int End, int TypeId)> tokens) =>
        new([.. tokens.Select(token => new EncodedToken(token.Id, token.Text, token.Start, token.End, token.TypeId, IsSpecial: false))]);

    public IReadOnlyList<int> Ids { get; }

    /// <summary>The tokens as the vocabulary writes them; of an added token, and of what is unknown to a Unigram model, the text that it stands for.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>Where each token stands in its text, half open, in Unicode code points; (0, 0) for a token that the post-processor added.</summary>
    public IReadOnlyList<(int Start, int End)> Offsets { get; }

    /// <summary>Which of the texts a token belongs to, as the post-processor numbers them.</summary>
    public IReadOnlyList<int> TypeIds { get; }

    /// <summary>1 for a token that the post-processor added, otherwise 0.</summary>
    public IReadOnlyList<int> SpecialTokensMask { get; }
}

/// <summary>One token on its way through the post-processor.</summary>
internal sealed record EncodedToken(int Id, string Text, int Start, int End, int TypeId, bool IsSpecial);
