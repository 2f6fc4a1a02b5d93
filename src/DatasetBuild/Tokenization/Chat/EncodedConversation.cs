namespace DatasetBuild.Tokenization.Chat;

/// <summary>A conversation as training sees it: its text, its tokens, and which of them count. Reused from record to record; not thread-safe.</summary>
public sealed class EncodedConversation
{
    /// <summary>The rendered text, whole even where tokens were cut off.</summary>
    public string Text { get; internal set; } = "";

    /// <summary>The tokens that training sees.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>For each token its weight in the loss; 0 where it is not supervised.</summary>
    public List<float> Weights { get; } = [];

    /// <summary>Where each token stands, half open, in bytes of the text's UTF-8; (0, 0) for one that the tokenizer put in front.</summary>
    public List<(int Start, int End)> Offsets { get; } = [];

    /// <summary>Whether tokens were cut off.</summary>
    public bool IsTruncated { get; internal set; }

    internal void Clear()
    {
        Text = "";
        Ids.Clear();
        Weights.Clear();
        Offsets.Clear();
        IsTruncated = false;
    }
}
