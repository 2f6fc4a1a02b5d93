using System.Text.Json;

namespace DatasetBuild.Records;

/// <summary>Decides how a record is read, from the fields that it has. A record with no reading or with two is refused.</summary>
internal static class DialectResolver
{
    /// <summary>Enough of a field's name to know it by.</summary>
    private const int MaxShownName = 80;

    private const int MaxShownNames = 12;

    private static readonly (Field Prompt, Dialect Dialect)[] Exchanges =
    [
        (Field.Prompt, Dialect.PromptCompletion),
        (Field.Instruction, Dialect.Alpaca),
        (Field.Question, Dialect.QuestionAnswer),
    ];

    /// <summary>What the instances of one line may come to when each is a record of its own, with the instruction.</summary>
    private const long MaxRepeatedBytes = 1L << 28;

    private static readonly Field[] Responses = [Field.Completion, Field.Output, Field.Answer, Field.Response];

    public static Dialect Resolve(RecordDraft draft, ShapeOptions shape, ReadOnlySpan<byte> json)
    {
        if (shape.Dialect is null)
        {
            RefusePreferences(draft);
        }

        Dialect? found = null;
        if (Reads(Dialect.Messages) && draft.Has(Field.Messages))
        {
            Add(Dialect.Messages);
        }

        if (Reads(Dialect.ShareGpt) && draft.Has(Field.Conversations))
        {
            Add(Dialect.ShareGpt);
        }

        if (Reads(Dialect.SelfInstruct) && draft.Has(Field.Instances) && draft.Has(Field.Instruction))
        {
            Add(Dialect.SelfInstruct);
        }

        foreach (var (prompt, dialect) in Exchanges)
        {
            if (Reads(dialect) && draft.Has(prompt) && FindResponse(draft, shape, dialect) != Field.None)
            {
                Add(dialect);
            }
        }

        if (Reads(Dialect.Text) && draft[Field.Text].IsString)
        {
            Add(Dialect.Text);
        }

        var dialectFound = found ?? throw NoReading(draft, shape, json);
        RefuseEmpty(draft, dialectFound);
        return dialectFound;

        bool Reads(Dialect dialect) => shape.Dialect is null || shape.Dialect == dialect;

        void Add(Dialect dialect)
        {
            if (found is { } other)
            {
                throw new InvalidRecordException(
                    DataCodes.TwoReadings,
                    0,
                    $"the record can be read as {other} and as {dialect}. Say which with Dialect=\"{other}\" or Dialect=\"{dialect}\" on its DatasetShard.");
            }

            found = dialect;
        }
    }

    /// <summary>The prompt and the response of a record that is one exchange.</summary>
    public static (Slice Prompt, Slice Response) Exchange(RecordDraft draft, ShapeOptions shape, Dialect dialect) =>
        (draft[Exchanges.First(exchange => exchange.Dialect == dialect).Prompt], draft[FindResponse(draft, shape, dialect)]);

    private static Field FindResponse(RecordDraft draft, ShapeOptions shape, Dialect dialect)
    {
        var found = Field.None;
        foreach (var field in Responses)
        {
            if (!draft.Has(field) || !Answers(field))
            {
                continue;
            }

            if (found != Field.None)
            {
                throw new InvalidRecordException(
                    DataCodes.TwoReadings,
                    0,
                    $"the record has two responses, '{NameOf(found)}' and '{NameOf(field)}'. Say which with ResponseField=\"…\" on its DatasetShard.");
            }

            found = field;
        }

        return found;

        bool Answers(Field field) => field == Field.Response || shape.PromptField is not null || (dialect, field) is
            (Dialect.PromptCompletion, Field.Completion) or (Dialect.Alpaca, Field.Output) or (Dialect.QuestionAnswer, Field.Answer);
    }

    private static void RefusePreferences(RecordDraft draft)
    {
        var kind = draft.Has(Field.Chosen) || draft.Has(Field.Rejected) ? "a preference record (chosen and rejected answers, as for DPO)"
            : draft.Has(Field.KtoTag) || (draft[Field.Label].Form == Form.Boolean && !draft.Has(Field.Text)) ? "a preference record (an answer with a true/false label, as for KTO)"
            : null;
        if (kind is not null)
        {
            throw new InvalidRecordException(
                DataCodes.PreferenceData,
                0,
                $"this is {kind}, not a demonstration to train on. Take the shard out of DatasetShard; to train on one side of it all the same, declare Dialect=\"…\" and the field to read.");
        }
    }

    private static void RefuseEmpty(RecordDraft draft, Dialect dialect)
    {
        var empty = dialect switch
        {
            Dialect.Messages => draft[Field.Messages] is { Form: Form.Turns, Length: 0 },
            Dialect.ShareGpt => draft[Field.Conversations] is { Form: Form.Turns, Length: 0 },
            Dialect.SelfInstruct => draft.Instances.Count == 0,
            Dialect.PromptCompletion => draft[Field.Prompt] is { Form: Form.Turns, Length: 0 } || draft[Field.Completion] is { Form: Form.Turns, Length: 0 },
            _ => false,
        };
        if (draft.Instances.Count > ushort.MaxValue)
        {
            throw new InvalidRecordException(
                DataCodes.RecordTooLarge, 0, $"the record has {draft.Instances.Count} instances; at most {ushort.MaxValue} are read. Write them as records of their own.");
        }

        if (dialect == Dialect.SelfInstruct && (long)draft.Instances.Count * draft[Field.Instruction].Length > MaxRepeatedBytes)
        {
            throw new InvalidRecordException(
                DataCodes.RecordTooLarge, 0, $"the instruction, repeated for each of the {draft.Instances.Count} instances, comes to more than {MaxRepeatedBytes >> 20} MiB. Write them as records of their own.");
        }

        if (empty)
        {
            throw new InvalidRecordException(DataCodes.EmptyConversation, 0, "the conversation is empty: it has no message at all. Remove the record.");
        }
    }

    private static InvalidRecordException NoReading(RecordDraft draft, ShapeOptions shape, ReadOnlySpan<byte> json)
    {
        var names = NamesIn(json);
        var fields = Shown(names);
        var absent = shape.DeclaredFields.Where(declared => names.TrueForAll(name => name.Text != declared.Field)).Select(declared => $"{declared.Name}=\"{declared.Field}\"").ToList();
        if (absent.Count > 0)
        {
            return new InvalidRecordException(
                DataCodes.UnknownDialect, 0, $"the record has no such field as its DatasetShard says with {string.Join(" and ", absent)}. It has: {fields}. Name one of these, or declare that file with another DatasetShard.");
        }

        if (shape.Dialect is { } declared)
        {
            return new InvalidRecordException(DataCodes.UnknownDialect, 0, $"the record does not have the fields of the declared dialect {declared}. It has: {fields}.");
        }

        var half = draft.Has(Field.Prompt) ? "'prompt' without 'completion'"
            : draft.Has(Field.Question) ? "'question' without 'answer'"
            : draft.Has(Field.Instruction) ? "'instruction' without 'output' or 'response'"
            : null;
        var nearly = half is null ? "" : $" It has {half}.";
        return new InvalidRecordException(
            DataCodes.UnknownDialect,
            0,
            $"no known dialect has these fields: {fields}.{nearly} Known: messages; conversations; instruction+output; prompt+completion; question+answer; instruction+instances; text. Name the fields with PromptField and ResponseField (or MessagesField, TextField) on its DatasetShard.");
    }

    private static List<(string Text, bool IsNull)> NamesIn(ReadOnlySpan<byte> json)
    {
        var names = new List<(string, bool)>();
        var reader = new Utf8JsonReader(json, JsonText.Strict);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            names.Add((name, reader.TokenType == JsonTokenType.Null));
            reader.Skip();
        }

        return names;
    }

    private static string Shown(List<(string Text, bool IsNull)> names)
    {
        var shown = names.Take(MaxShownNames).Select(name => (name.Text.Length > MaxShownName ? name.Text[..MaxShownName] + "…" : name.Text) + (name.IsNull ? " (null)" : ""));
        return names.Count == 0 ? "none" : string.Join(", ", shown) + (names.Count > MaxShownNames ? ", …" : "");
    }

    private static string NameOf(Field field) => field.ToString().ToLowerInvariant();
}
