using System.Text.Json;
using static DatasetBuild.Records.RecordProperty;

namespace DatasetBuild.Records;

/// <summary>Reads one JSON object into a <see cref="RecordDraft"/>: one pass, no string, every refusal with its place.</summary>
internal sealed class RecordDraftReader(FieldNames names)
{
    /// <summary>Fields that are none of the conversation's: a stage may read them, and readers of JSON disagree on which of two counts.</summary>
    private readonly SeenNames others = new();

    public void Read(ReadOnlySpan<byte> json, RecordDraft draft)
    {
        draft.Clear();
        others.Clear();
        var reader = new JsonScanner(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                // What is not JSON at all is told first.
                var found = Describe(reader.TokenType);
                while (reader.Read())
                {
                }

                throw new InvalidRecordException(DataCodes.WrongType, 0, $"a record is a JSON object, but this is {found}. Mend it, or take it out.");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var at = reader.TokenStartIndex;
                var name = NameAt(ref reader);
                var field = names.Find(name);
                var isNew = field != Field.None || others.Add(name);
                reader.Read();
                if (!isNew)
                {
                    throw Duplicate(json, at);
                }

                if (field == Field.None)
                {
                    reader.Skip();
                    continue;
                }

                ref var slot = ref draft.Fields[(int)field];
                if (slot.Form != Form.Absent)
                {
                    throw Duplicate(json, at);
                }

                slot = ReadField(ref reader, json, field, draft);
            }

            // Anything behind the object's end is an error that the reader finds here.
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            throw JsonSyntax.Explain(json);
        }
    }

    private static Slice ReadField(ref JsonScanner reader, ReadOnlySpan<byte> json, Field field, RecordDraft draft)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Slice.Read(ref reader);
        }

        switch (field)
        {
            case Field.Messages or Field.Conversations or Field.Prompt or Field.Completion:
                return MessageReader.ReadTurns(ref reader, json, draft);
            case Field.History:
                return ReadHistory(ref reader, draft);
            case Field.Instances:
                return ReadInstances(ref reader, json, draft);
            default:
                return Slice.Read(ref reader);
        }
    }

    private static Slice ReadHistory(ref JsonScanner reader, RecordDraft draft)
    {
        var first = draft.Turns.Count;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var at = reader.TokenStartIndex;
            var says = 0;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    var text = RequireString(Slice.Read(ref reader), "text in the history");
                    draft.Parts.Add(new PartDraft(PartKind.Text, text));
                    draft.Turns.Add(new TurnDraft(says++ == 0 ? Role.User : Role.Assistant, at, draft.Parts.Count - 1, 1, default, default, null));
                }
            }

            if (says != 2)
            {
                throw new InvalidRecordException(DataCodes.WrongType, at, "each entry of the history is a pair: what the user said and what the assistant answered.");
            }
        }

        return new Slice(first, draft.Turns.Count - first, Form.Turns);
    }

    private static Slice ReadInstances(ref JsonScanner reader, ReadOnlySpan<byte> json, RecordDraft draft)
    {
        var start = reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var at = reader.TokenStartIndex;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new InvalidRecordException(DataCodes.WrongType, at, $"an instance is an object with input and output, but this is {Describe(reader.TokenType)}.");
            }

            Slice input = default, output = default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var propertyAt = reader.TokenStartIndex;
                var property = NameAt(ref reader);
                reader.Read();
                if (property.SequenceEqual("input"u8))
                {
                    Once(input, json, propertyAt);
                    input = Slice.Read(ref reader);
                }
                else if (property.SequenceEqual("output"u8))
                {
                    Once(output, json, propertyAt);
                    output = Slice.Read(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }

            draft.Instances.Add(new InstanceDraft(
                new Slice(at, reader.BytesConsumed - at, Form.OtherJson),
                OptionalString(input, "input"),
                RequireString(output.IsPresent ? output : output with { Start = at }, "output of an instance")));
        }

        draft.InstanceArray = new Slice(start, reader.BytesConsumed - start, Form.OtherJson);
        return draft.InstanceArray;
    }
}
