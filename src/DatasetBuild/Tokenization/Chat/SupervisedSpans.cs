using DatasetBuild.Records;
using DatasetBuild.Tokenization.Jinja;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>What one assistant turn is in the text, in UTF-16: where its header starts, and where what it says starts and ends, end token included.</summary>
internal readonly record struct SupervisedSpan(int Header, int Start, int End, double Weight);

/// <summary>
/// Tells what the assistant says in a rendered conversation: from the template's <c>{% generation %}</c> blocks, where it has them, otherwise by rendering the
/// first turns alone. Then the turns before one, with the assistant's header behind them, must be a prefix of the whole; a template for which they are
/// not writes earlier turns differently once others follow, and nothing is guessed.
/// </summary>
internal sealed class SupervisedSpans(ChatTemplate template, ChatMessages conversation, JinjaOutput whole, DateTime? date)
{
    /// <summary>A text that no template changes and no record holds.</summary>
    private const string Sentinel = "\ue000sentinel\ue001";

    private readonly bool isMarked = template.HasGeneration(conversation.Tools is not null) && !whole.HasUnplacedGeneration;

    /// <summary>The spans of the wanted turns, in order.</summary>
    /// <param name="turns">Numbers of messages, ascending; each is the assistant's.</param>
    /// <param name="withHeaders">Whether their headers are needed too.</param>
    /// <exception cref="DatasetException">They cannot be told (DSB3037).</exception>
    public List<SupervisedSpan> Of(IReadOnlyList<int> turns, bool withHeaders)
    {
        var spans = new List<SupervisedSpan>();
        foreach (var turn in turns)
        {
            var weight = conversation.Turns[turn].Weight;
            foreach (var (start, end) in isMarked ? Marked(turns, turn) : [ByPrefixes(turn)])
            {
                var header = !withHeaders ? start : spans.Count > 0 && isMarked && start == spans[^1].End ? start : HeaderOf(turn, start);
                spans.Add(new SupervisedSpan(header, start, end, weight));
            }
        }

        return spans;
    }

    /// <summary>The generation blocks that a turn wrote: those that are there with it and not without it.</summary>
    private IEnumerable<(int Start, int End)> Marked(IReadOnlyList<int> turns, int turn)
    {
        var assistants = Enumerable.Range(0, conversation.Turns.Count).Where(i => conversation.Turns[i].Role == Role.Assistant).ToList();
        if (whole.Generations.Count == assistants.Count)
        {
            return [whole.Generations[assistants.IndexOf(turn)]];
        }

        // Where all count, and count the same, it does not matter whose they are.
        if (turns.Count == assistants.Count && turns.All(number => conversation.Turns[number].Weight.Equals(conversation.Turns[turns[0]].Weight)))
        {
            return turn == turns[0] ? whole.Generations : [];
        }

        var (before, with) = (Render(turn, withHeader: false).Generations.Count, turn + 1 == conversation.Items.Count ? whole.Generations.Count : Render(turn + 1, withHeader: false).Generations.Count);
        return with <= whole.Generations.Count && before <= with
            ? whole.Generations.Skip(before).Take(with - before)
            : throw NoPrefix(turn, "its generation blocks do not follow the order of the turns");
    }

    private (int Start, int End) ByPrefixes(int turn)
    {
        var prompt = Render(turn, withHeader: true).Text;
        if (!whole.Text.StartsWith(prompt, StringComparison.Ordinal))
        {
            throw NoPrefix(turn, "what the turns before it are rendered to, with the assistant's header, is not how the whole conversation starts");
        }

        var upTo = turn + 1 == conversation.Items.Count ? whole.Text : Render(turn + 1, withHeader: false).Text;
        var content = Content(turn);
        var (contentStart, contentEnd) = content.Length > 0 ? Place(turn, whole.Text, prompt.Length, content, whole: true) : (-1, -1);
        var start = template.HasGenerationPrompt || contentStart < 0 ? prompt.Length : contentStart;
        if (whole.Text.StartsWith(upTo, StringComparison.Ordinal) && upTo.Length >= prompt.Length)
        {
            return (start, Math.Max(start, contentEnd >= 0 ? EndToken(upTo, contentEnd) : TrimmedEnd(upTo, start)));
        }

        // The turn ends differently when it is the last: its end token is what both endings begin with.
        var (_, lastEnd) = contentEnd < 0 ? (-1, -1) : Place(turn, upTo, prompt.Length, content, whole: false);
        if (lastEnd < 0)
        {
            throw NoPrefix(turn, "the conversation up to it is rendered to something that is not how the whole starts");
        }

        var common = upTo.AsSpan(lastEnd).CommonPrefixLength(whole.Text.AsSpan(contentEnd));
        var end = EndToken(whole.Text, contentEnd);
        return (start, end - contentEnd <= common && EndToken(upTo, lastEnd) - lastEnd == end - contentEnd ? end : contentEnd);
    }

    /// <summary>
    /// Where the content of a turn stands. It is seen at once where it follows the header; elsewhere a text is put before and behind it, and the rendering
    /// must differ by just that, there. (-1, -1) where the template does not write the content as one piece.
    /// </summary>
    private (int Start, int End) Place(int turn, string text, int promptEnd, string content, bool whole)
    {
        var at = promptEnd;
        while (at < text.Length && PythonText.IsSpace(text[at]) && !text.AsSpan(at).StartsWith(content))
        {
            at++;
        }

        if (text.AsSpan(at).StartsWith(content))
        {
            return (at, at + content.Length);
        }

        var trimmed = PythonText.Trim(content);
        if (trimmed.Length > 0 && text.AsSpan(at).StartsWith(trimmed))
        {
            return (at, at + trimmed.Length);
        }

        var count = whole ? conversation.Items.Count : turn + 1;
        var start = Inserted(text, RenderWith(turn, count, Sentinel + content), Sentinel + PythonText.TrimStart(content));
        var end = Inserted(text, RenderWith(turn, count, content + Sentinel), PythonText.TrimEnd(content) + Sentinel);
        return end < 0 ? (-1, -1) : (start < 0 ? promptEnd : start, end);

        int Inserted(string text, string? changed, string otherwise)
        {
            var found = InsertedAt(text, changed);
            return found >= 0 ? found : InsertedAt(text, RenderWith(turn, count, otherwise));
        }
    }

    /// <summary>Where the second text is the first with the sentinel inserted, or -1.</summary>
    private static int InsertedAt(string text, string? changed)
    {
        var at = changed?.IndexOf(Sentinel, StringComparison.Ordinal) ?? -1;
        return at >= 0 && changed!.Length == text.Length + Sentinel.Length && changed.AsSpan(0, at).SequenceEqual(text.AsSpan(0, at)) && changed.AsSpan(at + Sentinel.Length).SequenceEqual(text.AsSpan(at)) ? at : -1;
    }

    /// <summary>The end of the first run of visible characters behind a content: no end token has white space in it.</summary>
    private static int EndToken(string text, int contentEnd)
    {
        var at = contentEnd;
        while (at < text.Length && PythonText.IsSpace(text[at]))
        {
            at++;
        }

        if (at == text.Length)
        {
            return contentEnd;
        }

        while (at < text.Length && !PythonText.IsSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int TrimmedEnd(string text, int start) => start + PythonText.TrimEnd(text[start..]).Length;

    private int HeaderOf(int turn, int start)
    {
        var before = Render(turn, withHeader: false).Text;
        return before.Length <= start && whole.Text.StartsWith(before, StringComparison.Ordinal)
            ? before.Length
            : throw NoPrefix(turn, "what the turns before it are rendered to is not how the whole conversation starts, so that its header cannot be told");
    }

    private JinjaOutput Render(int count, bool withHeader)
    {
        try
        {
            return template.Render(conversation, conversation.Items.GetRange(0, count), withHeader, date);
        }
        catch (DatasetException error) when (error.Diagnostic.Code is ChatErrors.Failed or ChatErrors.Refused)
        {
            throw NoPrefix(count, $"the template does not take the turns before it alone ({error.InnerException?.Message})");
        }
    }

    private string? RenderWith(int turn, int count, string content)
    {
        var items = conversation.Items.GetRange(0, count);
        var changed = new DictValue();
        foreach (var (key, value) in ((DictValue)items[turn]!).Pairs)
        {
            changed.Set(key, key is "content" ? content : value);
        }

        items[turn] = changed;
        try
        {
            return template.Render(conversation, items, addGenerationPrompt: false, date).Text;
        }
        catch (DatasetException error) when (error.Diagnostic.Code is ChatErrors.Failed or ChatErrors.Refused)
        {
            return null;
        }
    }

    /// <summary>The text that ends a turn, or nothing where calls do, which each template writes in its own way.</summary>
    private string Content(int turn)
    {
        var message = (DictValue)conversation.Items[turn]!;
        return message.TryGet("tool_calls", out _) ? "" : message.Get("content") as string ?? "";
    }

    private static DatasetException NoPrefix(int turn, string what) => new(
        ChatErrors.NoPrefix,
        $"the chat template does not let the assistant's tokens be told: for turn {turn + 1}, {what}. Give a template that marks them with {{% generation %}}, or one that writes each turn the same whatever follows.");
}
