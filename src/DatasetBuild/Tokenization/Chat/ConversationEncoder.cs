using System.Globalization;
using System.Text;
using DatasetBuild.Records;
using DatasetBuild.Tokenization.Jinja;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>
/// Renders a conversation once, tokenizes the text once, and tells from the tokens' places which of them are supervised. The token that begins a text is there
/// once: as the template writes it, else as the tokenizer's post-processor puts it in front. Thread-safe.
/// </summary>
public sealed class ConversationEncoder
{
    private readonly ChatTemplate template;
    private readonly ITokenizer tokenizer;
    private readonly EncodingOptions options;
    private readonly DateTime? date;
    private readonly List<int> leading;

    /// <param name="template">What renders.</param>
    /// <param name="tokenizer">What tokenizes.</param>
    /// <param name="options">What is supervised, and how long a text may be.</param>
    /// <exception cref="ArgumentException">The part is neither Response nor LastResponse.</exception>
    /// <exception cref="FormatException">The date is no day.</exception>
    public ConversationEncoder(ChatTemplate template, ITokenizer tokenizer, EncodingOptions options)
    {
        if (options.Part is not (Part.Response or Part.LastResponse))
        {
            throw new ArgumentException("Only what the assistant says can be supervised: Response or LastResponse.", nameof(options));
        }

        (this.template, this.tokenizer, this.options) = (template, tokenizer, options);
        date = ChatTemplate.ParseDate(options.Date);
        var example = tokenizer.EncodeText("a", addSpecialTokens: true);
        leading = [.. example.Ids.TakeWhile((_, i) => example.SpecialTokensMask[i] == 1)];
        Identity =
        [
            ("encoding", "1"),
            ("template", template.Digest),
            ("tokenizer", tokenizer.Identity),
            ("encodedPart", options.Part.ToString()),
            ("maxLength", options.MaxLength?.ToString(CultureInfo.InvariantCulture) ?? "none"),
            ("truncation", options.MaxLength is null ? "none" : $"{options.Side} {options.TooLong}"),
            ("alonePrefix", options.AlonePrefix is null ? "header" : $"text {options.AlonePrefix}"),
            ("date", options.Date ?? "none"),
        ];
    }

    /// <summary>Lines for the identity of a scorer: all that can change what the encodings are.</summary>
    public IReadOnlyList<(string Name, string Value)> Identity { get; }

    /// <summary>The whole conversation, its responses supervised.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="into">Receives text and tokens.</param>
    /// <returns>Null, or why the record has no value, for good.</returns>
    /// <exception cref="DatasetException">The template fails on the conversation (DSB3034, DSB3036), what is supervised cannot be told (DSB3037), or the text is longer than is declared to be allowed (DSB3038).</exception>
    public MissingReason? Encode(Conversation conversation, EncodedConversation into) => Encode(conversation, into, alone: false);

    /// <summary>
    /// The responses without any prompt, each behind <see cref="EncodingOptions.AlonePrefix"/>: the "response alone" of IFD (arXiv 2308.12032). Of a conversation
    /// that is cut, it is what the cut leaves of them.
    /// </summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="into">Receives text and tokens.</param>
    /// <returns>Null, or why the record has no value, for good.</returns>
    /// <exception cref="DatasetException">As for the whole conversation.</exception>
    public MissingReason? EncodeAlone(Conversation conversation, EncodedConversation into) => Encode(conversation, into, alone: true);

    /// <summary>The number of tokens of the whole conversation without limit, whether or not there is anything to supervise in it.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="into">Room for tokens.</param>
    /// <param name="count">Receives the number.</param>
    /// <returns>Null, or why the record has none, for good.</returns>
    internal MissingReason? Count(Conversation conversation, EncodedConversation into, out int count)
    {
        into.Clear();
        count = 0;
        try
        {
            into.Text = template.Render(conversation, addGenerationPrompt: false, options.Date);
        }
        catch (DatasetException error) when (error.Diagnostic.Code == ChatErrors.Refused)
        {
            return MissingReason.RefusedByTemplate;
        }

        if (leading.Count == 0)
        {
            count = tokenizer.Count(Encoding.UTF8.GetBytes(into.Text));
        }
        else
        {
            Tokenize(into, []); // whether the text begins with what leads is seen from its first token
            count = into.Ids.Count;
        }

        return null;
    }

    private MissingReason? Encode(Conversation conversation, EncodedConversation into, bool alone)
    {
        into.Clear();
        if (!conversation.Has(options.Part))
        {
            return conversation.IsRawText ? MissingReason.RawText : MissingReason.NoAssistantTurn;
        }

        var messages = ChatMessages.Of(conversation);
        var turns = SupervisedTurns(messages);
        if (turns.Count == 0)
        {
            return MissingReason.NoSupervisedToken;
        }

        if (!turns.Exists(turn => messages.Turns[turn].SaysAnything))
        {
            return MissingReason.EmptyResponse;
        }

        JinjaOutput whole;
        try
        {
            whole = template.Render(messages, messages.Items, addGenerationPrompt: false, date);
        }
        catch (DatasetException error) when (error.Diagnostic.Code == ChatErrors.Refused)
        {
            return MissingReason.RefusedByTemplate;
        }

        var spans = new SupervisedSpans(template, messages, whole, date).Of(turns, withHeaders: alone && options.AlonePrefix is null);
        into.Text = whole.Text;
        Tokenize(into, spans);
        if (into.Ids.Count > options.MaxLength)
        {
            switch (options.TooLong)
            {
                case TooLong.Drop:
                    return MissingReason.TooLong;
                case TooLong.Fail:
                    throw new DatasetException(
                        ChatErrors.TooLong,
                        $"the conversation has {into.Ids.Count} tokens, and at most {options.MaxLength} are allowed. Shorten it, raise the limit, or let such records be dropped or cut.");
                default:
                    Cut(into, options.MaxLength.Value);
                    break;
            }
        }

        if (!into.Weights.Exists(weight => weight != 0))
        {
            return MissingReason.NoSupervisedToken;
        }

        if (alone)
        {
            EncodeResponses(into, spans);
        }

        return null;
    }

    private List<int> SupervisedTurns(ChatMessages messages)
    {
        var assistants = Enumerable.Range(0, messages.Turns.Count).Where(i => messages.Turns[i].Role == Role.Assistant);
        return [.. (options.Part == Part.LastResponse ? assistants.TakeLast(1) : assistants).Where(i => messages.Turns[i].Weight != 0)];
    }

    /// <summary>Tokens of the text, with the weights of the spans that they overlap.</summary>
    private void Tokenize(EncodedConversation into, List<SupervisedSpan> spans)
    {
        var tokens = new List<Token>();
        tokenizer.Encode(Encoding.UTF8.GetBytes(into.Text), tokens);
        if (leading.Count > 0 && (tokens.Count == 0 || tokens[0].Id != leading[0]))
        {
            foreach (var id in leading)
            {
                into.Ids.Add(id);
                into.Offsets.Add((0, 0));
                into.Weights.Add(0);
            }
        }

        var places = InBytes(into.Text, spans);
        var next = 0;
        foreach (var token in tokens)
        {
            while (next < places.Count && places[next].End <= token.Start)
            {
                next++;
            }

            var isInside = next < places.Count && (token.End > places[next].Start || (token.End == token.Start && token.Start == places[next].Start)) && token.Start < places[next].End;
            into.Ids.Add(token.Id);
            into.Offsets.Add((token.Start, token.End));
            into.Weights.Add(isInside ? (float)spans[next].Weight : 0);
        }
    }

    private static List<(int Start, int End)> InBytes(string text, List<SupervisedSpan> spans)
    {
        var places = new List<(int, int)>(spans.Count);
        var (at, bytes) = (0, 0);
        foreach (var span in spans)
        {
            var start = bytes += Encoding.UTF8.GetByteCount(text.AsSpan(at, span.Start - at));
            bytes += Encoding.UTF8.GetByteCount(text.AsSpan(span.Start, span.End - span.Start));
            at = span.End;
            places.Add((start, bytes));
        }

        return places;
    }

    private void Cut(EncodedConversation into, int length)
    {
        var (from, count) = options.Side == TruncationSide.Left ? (0, into.Ids.Count - length) : (length, into.Ids.Count - length);
        into.Ids.RemoveRange(from, count);
        into.Weights.RemoveRange(from, count);
        into.Offsets.RemoveRange(from, count);
        into.IsTruncated = true;
    }

    /// <summary>Puts the responses, as far as the cut left them, in the place of the conversation.</summary>
    private void EncodeResponses(EncodedConversation into, List<SupervisedSpan> spans)
    {
        var text = new StringBuilder();
        var whole = into.Text;
        if (template.BosToken is { Length: > 0 } bos && whole.StartsWith(bos, StringComparison.Ordinal))
        {
            text.Append(bos);
        }

        var utf8 = Encoding.UTF8.GetBytes(whole);
        var (keptFrom, keptTo) = into.IsTruncated
            ? (Encoding.UTF8.GetCharCount(utf8, 0, into.Offsets[0].Start), Encoding.UTF8.GetCharCount(utf8, 0, into.Offsets[^1].End))
            : (0, whole.Length);
        var responses = new List<SupervisedSpan>();
        foreach (var span in spans)
        {
            var (start, end) = (Math.Max(span.Start, keptFrom), Math.Min(span.End, keptTo));
            if (start >= end)
            {
                continue;
            }

            text.Append(options.AlonePrefix ?? whole[span.Header..span.Start]);
            var first = text.Length;
            text.Append(whole, start, end - start);
            responses.Add(new SupervisedSpan(first, first, text.Length, span.Weight));
        }

        var isTruncated = into.IsTruncated;
        into.Clear();
        into.Text = text.ToString();
        into.IsTruncated = isTruncated;
        Tokenize(into, responses);
    }
}
