using System.Text;
using DatasetBuild.Records;
using DatasetBuild.Tokenization.Jinja;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>
/// A canonical conversation as templates are given it, the way Hugging Face's datasets hold it. Each turn is a dictionary:
/// <c>role</c> (system, developer, user, assistant, tool);
/// <c>content</c>, its texts one below the other, as the subset joins them too; None for a turn that only calls tools;
/// <c>instruction</c> and <c>input</c> beside it, for a turn that has an input of its own (Alpaca);
/// <c>reasoning_content</c>, where there is any;
/// <c>tool_calls</c>: <c>[{"type": "function", "id": …, "function": {"name": …, "arguments": {…}}}]</c>, arguments parsed, whatever form the record has them in;
/// <c>tool_call_id</c> and <c>name</c>, where given.
/// <c>tools</c> is the parsed list, or None.
/// </summary>
internal sealed class ChatMessages
{
    private ChatMessages(Conversation conversation)
    {
        var items = new List<object?>();
        foreach (var turn in conversation)
        {
            items.Add(Message(turn, out var said));
            Turns.Add(new ChatTurn(turn.Role, turn.LossWeight, said));
        }

        Items = items;
        Tools = conversation.Tools.IsEmpty ? null
            : JsonValues.TryParse(conversation.Tools.ToArray(), out var tools) ? (tools is DictValue ? new ListValue([tools]) : tools)
            : new ListValue([Text(conversation.Tools)]);
        Length += conversation.Tools.Length;
    }

    /// <summary>The messages.</summary>
    public List<object?> Items { get; }

    public object? Tools { get; }

    /// <summary>What is to be known of each message beside its text.</summary>
    public List<ChatTurn> Turns { get; } = [];

    /// <summary>About how many characters all texts have.</summary>
    public long Length { get; private set; }

    public static ChatMessages Of(Conversation conversation) => new(conversation);

    private DictValue Message(Conversation.Turn turn, out bool said)
    {
        List<string> texts = [], inputs = [], reasoning = [];
        var calls = new List<object?>();
        var parts = turn.GetEnumerator();
        while (parts.MoveNext())
        {
            Length += parts.Text.Length;
            var text = Text(parts.Text);
            if (parts.Kind == PartKind.ToolCall && AddCalls(parts.Text, calls))
            {
                continue;
            }

            // What is meant as a call and is no JSON is still what the assistant said.
            (parts.Kind switch { PartKind.Input => inputs, PartKind.Reasoning => reasoning, _ => texts }).Add(text);
        }

        said = calls.Count > 0 || texts.Concat(inputs).Concat(reasoning).Any(text => text.Length > 0);
        var message = DictValue.Of(("role", NameOf(turn.Role)), ("content", calls.Count > 0 && texts.Count == 0 ? null : string.Join('\n', texts.Concat(inputs))));
        if (inputs.Count > 0)
        {
            message.Set("instruction", string.Join('\n', texts));
            message.Set("input", string.Join('\n', inputs));
        }

        if (reasoning.Count > 0)
        {
            message.Set("reasoning_content", string.Join('\n', reasoning));
        }

        if (calls.Count > 0)
        {
            message.Set("tool_calls", new ListValue(calls));
        }

        if (!turn.ToolCallId.IsEmpty)
        {
            message.Set("tool_call_id", Text(turn.ToolCallId));
        }

        if (!turn.Name.IsEmpty)
        {
            message.Set("name", Text(turn.Name));
        }

        return message;
    }

    private static bool AddCalls(ReadOnlySpan<byte> json, List<object?> calls)
    {
        if (!JsonValues.TryParse(json.ToArray(), out var value))
        {
            return false;
        }

        IReadOnlyList<object?> all = value is ListValue list ? list.Items : [value];
        if (!all.All(call => call is DictValue dict && ((dict.Get("function") as DictValue) ?? dict).TryGet("name", out _)))
        {
            return false;
        }

        calls.AddRange(all.Select(call => Call((DictValue)call!)));
        return true;
    }

    private static DictValue Call(DictValue given)
    {
        var function = given.Get("function") as DictValue ?? given;
        var arguments = function.TryGet("arguments", out var value) || function.TryGet("parameters", out value) ? value : new DictValue();
        if (arguments is string text && JsonValues.TryParse(Encoding.UTF8.GetBytes(text), out var parsed) && parsed is DictValue)
        {
            arguments = parsed;
        }

        var call = DictValue.Of(("type", "function"));
        if (given.Get("id") is { } id)
        {
            call.Set("id", id);
        }

        call.Set("function", DictValue.Of(("name", function.Get("name")), ("arguments", arguments)));
        return call;
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static string NameOf(Role role) => role switch
    {
        Role.System => "system",
        Role.Developer => "developer",
        Role.User => "user",
        Role.Assistant => "assistant",
        Role.Tool => "tool",
        _ => throw new InvalidOperationException("Raw text has no messages."),
    };
}

/// <summary>A turn beside its text.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Weight">The weight of its tokens in the loss.</param>
/// <param name="SaysAnything">Whether it holds a character or a call.</param>
internal sealed record ChatTurn(Role Role, double Weight, bool SaysAnything);
