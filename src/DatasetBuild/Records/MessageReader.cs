using System.Text.Json;
using static DatasetBuild.Records.RecordProperty;

namespace DatasetBuild.Records;

/// <summary>Reads a list of messages into turns and parts: roles under all their names, content as text or typed parts, calls, reasoning, weights.</summary>
internal static class MessageReader
{
    public static Slice ReadTurns(ref JsonScanner reader, ReadOnlySpan<byte> json, RecordDraft draft)
    {
        var first = draft.Turns.Count;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InvalidRecordException(
                    DataCodes.WrongType, reader.TokenStartIndex, $"a message is a JSON object, but this is {Describe(reader.TokenType)}.");
            }

            ReadTurn(ref reader, json, draft);
        }

        return new Slice(first, draft.Turns.Count - first, Form.Turns);
    }

    private static void ReadTurn(ref JsonScanner reader, ReadOnlySpan<byte> json, RecordDraft draft)
    {
        var at = reader.TokenStartIndex;
        Slice role = default, content = default, name = default, callId = default, reasoning = default, calls = default, weight = default;
        var firstPart = draft.Parts.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var propertyAt = reader.TokenStartIndex;
            var property = NameAt(ref reader);
            reader.Read();
            if (Is(property, "content"u8, "value"u8))
            {
                Once(content, json, propertyAt);
                content = reader.TokenType == JsonTokenType.StartArray ? ReadParts(ref reader, json, draft) : Slice.Read(ref reader);
            }
            else if (Is(property, "role"u8, "from"u8))
            {
                Once(role, json, propertyAt);
                role = Slice.Read(ref reader);
            }
            else if (property.SequenceEqual("name"u8))
            {
                Take(ref name, ref reader, json, propertyAt);
            }
            else if (property.SequenceEqual("tool_call_id"u8))
            {
                Take(ref callId, ref reader, json, propertyAt);
            }
            else if (Is(property, "tool_calls"u8, "function_call"u8))
            {
                Take(ref calls, ref reader, json, propertyAt);
            }
            else if (Is(property, "reasoning_content"u8, "reasoning"u8) || property.SequenceEqual("thinking"u8))
            {
                Take(ref reasoning, ref reader, json, propertyAt);
            }
            else if (Is(property, "loss_weight"u8, "weight"u8))
            {
                Take(ref weight, ref reader, json, propertyAt);
            }
            else
            {
                reader.Skip();
            }
        }

        if (IsEmptyArray(json, calls))
        {
            // A model sees no difference between no calls and a list of none.
            calls = default;
        }

        var (speaker, isCall) = ReadRole(json, role, at);
        if (reasoning.IsPresent)
        {
            // The model thinks before it speaks, whatever the order of the fields.
            draft.Parts.Insert(firstPart, new PartDraft(PartKind.Reasoning, RequireString(reasoning, "reasoning")));
        }

        if (content.IsString)
        {
            draft.Parts.Add(new PartDraft(isCall ? PartKind.ToolCall : PartKind.Text, content));
        }
        else if (content.Form is Form.Boolean or Form.OtherJson)
        {
            throw new InvalidRecordException(DataCodes.WrongType, content.Start, "the content of a message is a string, a list of typed parts, or null beside tool calls.");
        }
        else if (!content.IsPresent && !calls.IsPresent && !reasoning.IsPresent)
        {
            throw new InvalidRecordException(DataCodes.WrongType, content.Form == Form.Null ? content.Start : at, "the message has no content: write an empty string if it is meant to say nothing.");
        }

        if (calls.IsPresent)
        {
            draft.Parts.Add(new PartDraft(PartKind.ToolCall, calls));
        }

        draft.Turns.Add(new TurnDraft(
            speaker, at, firstPart, draft.Parts.Count - firstPart, OptionalString(name, "name"), OptionalString(callId, "tool_call_id"), ReadWeight(json, weight)));
    }

    private static Slice ReadParts(ref JsonScanner reader, ReadOnlySpan<byte> json, RecordDraft draft)
    {
        var start = reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                draft.Parts.Add(new PartDraft(PartKind.Text, Slice.Read(ref reader)));
                continue;
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InvalidRecordException(
                    DataCodes.WrongType, reader.TokenStartIndex, $"a part of a message is an object with a type, but this is {Describe(reader.TokenType)}.");
            }

            var at = reader.TokenStartIndex;
            Slice type = default, text = default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var propertyAt = reader.TokenStartIndex;
                var property = NameAt(ref reader);
                reader.Read();
                if (property.SequenceEqual("type"u8))
                {
                    Take(ref type, ref reader, json, propertyAt);
                }
                else if (Is(property, "text"u8, "value"u8) || Is(property, "reasoning"u8, "thinking"u8))
                {
                    Take(ref text, ref reader, json, propertyAt);
                }
                else
                {
                    reader.Skip();
                }
            }

            draft.Parts.Add(new PartDraft(ReadPartKind(json, type, at), RequireString(text.IsPresent ? text : text with { Start = at }, "text of a part")));
        }

        return new Slice(start, reader.BytesConsumed - start, Form.Turns);
    }

    private static (Role Role, bool IsCall) ReadRole(ReadOnlySpan<byte> json, Slice role, int at)
    {
        if (!role.IsString)
        {
            throw new InvalidRecordException(DataCodes.WrongType, role.IsPresent ? role.Start : at, "the message does not say who speaks: it needs a role (or from) that is a string.");
        }

        var name = TextOf(json, role);
        return name switch
        {
            _ when Is(name, "user"u8, "human"u8) => (Role.User, false),
            _ when Is(name, "assistant"u8, "gpt"u8) || Is(name, "model"u8, "chatgpt"u8) || Is(name, "bing"u8, "bard"u8) => (Role.Assistant, false),
            _ when name.SequenceEqual("system"u8) => (Role.System, false),
            _ when name.SequenceEqual("developer"u8) => (Role.Developer, false),
            _ when Is(name, "tool"u8, "observation"u8) || Is(name, "function"u8, "ipython"u8) => (Role.Tool, false),
            _ when Is(name, "function_call"u8, "tool_call"u8) => (Role.Assistant, true),
            _ => throw new InvalidRecordException(
                DataCodes.UnknownRole,
                role.Start,
                $"the role '{Show(name)}' is not known. Known are system, developer, user, assistant, tool, and their ShareGPT names human, gpt, observation, function_call."),
        };
    }

    private static PartKind ReadPartKind(ReadOnlySpan<byte> json, Slice type, int at)
    {
        var name = TextOf(json, RequireString(type.IsPresent ? type : type with { Start = at }, "type of a part"));
        return name switch
        {
            _ when Is(name, "text"u8, "output_text"u8) || name.SequenceEqual("input_text"u8) => PartKind.Text,
            _ when Is(name, "reasoning"u8, "thinking"u8) => PartKind.Reasoning,
            _ when Is(name, "tool_call"u8, "function_call"u8) => PartKind.ToolCall,
            _ => throw new InvalidRecordException(
                DataCodes.UnsupportedContent,
                type.Start,
                $"a part of type '{Show(name)}' cannot be read: only text, reasoning and tool_call are. Remove the record or keep its text alone."),
        };
    }

    private static double? ReadWeight(ReadOnlySpan<byte> json, Slice weight)
    {
        if (!weight.IsPresent)
        {
            return null;
        }

        var reader = new Utf8JsonReader(weight.Of(json));
        if (weight.Form == Form.OtherJson && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && double.IsFinite(value))
        {
            return value;
        }

        throw new InvalidRecordException(DataCodes.WrongType, weight.Start, "a loss weight is a finite number.");
    }

    private static bool IsEmptyArray(ReadOnlySpan<byte> json, Slice value) =>
        value.Form == Form.OtherJson && value.Of(json) is [(byte)'[', .. var inside, (byte)']'] && JsonText.Trim(inside).IsEmpty;
}
