using System.Buffers;
using System.Text.Json;

namespace DatasetBuild.Records;

/// <summary>
/// Writes a canonical conversation as trainers read it. Every line of one data set has the same fields: what one record needs, all carry
/// (<c>null</c> where there is nothing), because loaders take a file's types from its first lines.
/// </summary>
public sealed class MessageWriter : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    private readonly ArrayBufferWriter<byte> line = new();
    private readonly ArrayBufferWriter<byte> text = new();
    private readonly ArrayBufferWriter<byte> escaped = new();
    private readonly Utf8JsonWriter json;
    private readonly bool withTools;
    private readonly bool extended;

    /// <param name="withTools">Whether some record declares tools: then every line has <c>tools</c>.</param>
    /// <param name="extended">Whether some message has a name, reasoning, tool calls or a weight: then every message has those fields.</param>
    public MessageWriter(bool withTools, bool extended)
    {
        this.withTools = withTools;
        this.extended = extended;
        json = new Utf8JsonWriter(line, Options);
    }

    /// <summary><c>{"messages":[…]}</c>; valid until the next call.</summary>
    public ReadOnlySpan<byte> Messages(Conversation conversation)
    {
        Begin();
        json.WriteStartArray("messages"u8);
        WriteTurns(conversation, 0, conversation.TurnCount);
        json.WriteEndArray();
        return End(conversation);
    }

    /// <summary><c>{"prompt":"…","completion":"…"}</c> of a plain exchange; valid until the next call.</summary>
    public ReadOnlySpan<byte> PlainExchange(Conversation conversation)
    {
        Begin();
        foreach (var turn in conversation)
        {
            WriteString(turn.Role == Role.Assistant ? "completion"u8 : "prompt"u8, Joined(turn, PartKind.Text));
        }

        return End(conversation);
    }

    /// <summary><c>{"prompt":[…],"completion":[…]}</c>: the completion is the last turn, which is the assistant's; valid until the next call.</summary>
    public ReadOnlySpan<byte> Exchange(Conversation conversation)
    {
        Begin();
        json.WriteStartArray("prompt"u8);
        WriteTurns(conversation, 0, conversation.TurnCount - 1);
        json.WriteEndArray();
        json.WriteStartArray("completion"u8);
        WriteTurns(conversation, conversation.TurnCount - 1, conversation.TurnCount);
        json.WriteEndArray();
        return End(conversation);
    }

    public void Dispose() => json.Dispose();

    private void Begin()
    {
        line.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
    }

    private ReadOnlySpan<byte> End(Conversation conversation)
    {
        if (withTools)
        {
            if (conversation.Tools.IsEmpty)
            {
                json.WriteNull("tools"u8);
            }
            else
            {
                WriteString("tools"u8, conversation.Tools);
            }
        }

        json.WriteEndObject();
        json.Flush();
        return line.WrittenSpan;
    }

    private void WriteTurns(Conversation conversation, int from, int to)
    {
        var number = 0;
        foreach (var turn in conversation)
        {
            if (number >= from && number < to)
            {
                WriteTurn(turn);
            }

            number++;
        }
    }

    private void WriteTurn(Conversation.Turn turn)
    {
        json.WriteStartObject();
        json.WriteString("role"u8, NameOf(turn.Role));
        WriteString("content"u8, Joined(turn, PartKind.Text));
        if (extended)
        {
            WriteOptional("reasoning_content"u8, Joined(turn, PartKind.Reasoning));
            WriteOptional("tool_calls"u8, Joined(turn, PartKind.ToolCall));
            WriteOptional("tool_call_id"u8, turn.ToolCallId);
            WriteOptional("name"u8, turn.Name);
            json.WriteNumber("loss_weight"u8, turn.LossWeight);
        }

        json.WriteEndObject();
    }

    private void WriteOptional(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            json.WriteNull(name);
        }
        else
        {
            WriteString(name, value);
        }
    }

    /// <summary>The file is UTF-8 and no web page: only what JSON itself demands is escaped, which .NET's encoders do not offer.</summary>
    private void WriteString(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        escaped.ResetWrittenCount();
        JsonText.Escape(value, escaped);
        json.WritePropertyName(name);
        json.WriteRawValue(escaped.WrittenSpan, skipInputValidation: true);
    }

    /// <summary>The parts of one kind, one below the other; an instruction's input counts as text, as trainers join the two.</summary>
    private ReadOnlySpan<byte> Joined(Conversation.Turn turn, PartKind kind)
    {
        text.ResetWrittenCount();
        var isFirst = true;
        var parts = turn.GetEnumerator();
        while (parts.MoveNext())
        {
            if (parts.Kind != kind && !(kind == PartKind.Text && parts.Kind == PartKind.Input))
            {
                continue;
            }

            if (!isFirst)
            {
                text.Write("\n"u8);
            }

            isFirst = false;
            text.Write(parts.Text);
        }

        return text.WrittenSpan;
    }

    private static ReadOnlySpan<byte> NameOf(Role role) => role switch
    {
        Role.System => "system"u8,
        Role.Developer => "developer"u8,
        Role.User => "user"u8,
        Role.Assistant => "assistant"u8,
        Role.Tool => "tool"u8,
        _ => throw new InvalidOperationException("Raw text has no messages."),
    };
}
