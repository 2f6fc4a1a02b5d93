using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>
/// Renders a conversation once, tokenizes the text once, and tells from the tokens' places which of them are supervised. Thread-safe.
/// </summary>
public sealed class ConversationEncoder(ChatTemplate template, ITokenizer tokenizer, EncodingOptions options)
{
    /// <summary>Lines for the identity of a scorer: all that can change what <see cref="Encode"/> gives.</summary>
    public IReadOnlyList<(string Name, string Value)> Identity { get; } =
    [
        ("template", template.Digest),
        ("tokenizer", tokenizer.Identity),
        ("encodedPart", options.Part.ToString()),
    ];

    /// <summary>The whole conversation, its responses supervised.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="into">Receives text and tokens.</param>
    /// <returns>Null, or why the record has no value, for good.</returns>
    public MissingReason? Encode(Conversation conversation, EncodedConversation into) => EncodeForm(conversation, into, alone: false);

    /// <summary>The responses without any prompt, each behind <see cref="EncodingOptions.AlonePrefix"/>: the "response alone" of IFD.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="into">Receives text and tokens.</param>
    /// <returns>Null, or why the record has no value, for good.</returns>
    public MissingReason? EncodeAlone(Conversation conversation, EncodedConversation into) => EncodeForm(conversation, into, alone: true);

    private MissingReason? EncodeForm(Conversation conversation, EncodedConversation into, bool alone)
    {
        into.Clear();
        if (!conversation.Has(options.Part))
        {
            return conversation.IsRawText ? MissingReason.RawText : MissingReason.NoAssistantTurn;
        }

        var text = new StringBuilder();
        var spans = new List<(int Start, int End, float Weight)>();
        foreach (var turn in conversation)
        {
            if (!alone || turn.Role == Role.Assistant)
            {
                template.Append(text, turn, out var start, out var end);
                if (turn.Role == Role.Assistant)
                {
                    spans.Add((Encoding.UTF8.GetByteCount(text.ToString(0, start)), Encoding.UTF8.GetByteCount(text.ToString(0, end)), (float)turn.LossWeight));
                }
            }
        }

        into.Text = text.ToString();
        var tokens = new List<Token>();
        tokenizer.Encode(Encoding.UTF8.GetBytes(into.Text), tokens);
        foreach (var token in tokens)
        {
            into.Ids.Add(token.Id);
            into.Offsets.Add((token.Start, token.End));
            into.Weights.Add(spans.Find(span => token.Start >= span.Start && token.End <= span.End).Weight);
        }

        return options.MaxLength < into.Ids.Count ? MissingReason.TooLong : null;
    }
}
