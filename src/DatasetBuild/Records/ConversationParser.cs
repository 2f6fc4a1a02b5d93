using System.Buffers;

namespace DatasetBuild.Records;

/// <summary>
/// Turns the JSON of a record into its canonical conversation: finds the dialect by the record's fields (or takes the declared one), refuses
/// what has no reading or two. One instance a thread; it allocates only while it meets its longest record.
/// </summary>
public sealed class ConversationParser : IDisposable
{
    private readonly ShapeOptions shape;
    private readonly RecordDraftReader reader;
    private readonly RecordDraft draft = new();
    private readonly CanonicalWriter writer = new();

    public ConversationParser(ShapeOptions shape)
    {
        this.shape = shape;
        reader = new RecordDraftReader(new FieldNames(shape));
    }

    /// <summary>How the last record was read.</summary>
    public Dialect Dialect { get; private set; }

    /// <summary>One bit for each <see cref="Field"/> that the last record has.</summary>
    public uint FieldSet => draft.FieldSet;

    /// <summary>How many conversations the last record holds: 1, or the number of instances of a self-instruct record.</summary>
    public int Count => Dialect == Dialect.SelfInstruct ? draft.Instances.Count : 1;

    /// <summary>Reads one JSON value. The conversations are then written by <see cref="Canonical"/>.</summary>
    /// <exception cref="InvalidRecordException">The bytes are not one record; the offset is a place in <paramref name="json"/>.</exception>
    /// <param name="json">The record's bytes.</param>
    /// <param name="isKnown">Whether these very bytes were read before (by their hash): then they are UTF-8.</param>
    public void Parse(ReadOnlySpan<byte> json, bool isKnown = false)
    {
        if (!isKnown)
        {
            JsonText.RequireUtf8(json);
        }

        reader.Read(json, draft);
        Dialect = DialectResolver.Resolve(draft, shape, json);
    }

    /// <summary>Writes the conversation with the given number; valid until the next call.</summary>
    /// <param name="json">The bytes that <see cref="Parse"/> read.</param>
    /// <param name="number">0 to <see cref="Count"/> - 1.</param>
    public ReadOnlySpan<byte> Canonical(ReadOnlySpan<byte> json, int number = 0)
    {
        WriteTools(json, draft[Field.Tools]);
        if (draft[Field.System] is { IsPresent: true } system && Text(system, "system").Length > 0)
        {
            // An empty column says the same as none: tables write it for records without a system prompt.
            writer.BeginTurn(Role.System);
            WriteText(PartKind.Text, Text(system, "system"), json);
        }

        switch (Dialect)
        {
            case Dialect.Messages:
                WriteTurns(json, draft[Field.Messages]);
                break;
            case Dialect.ShareGpt:
                WriteTurns(json, draft[Field.Conversations]);
                break;
            case Dialect.Text:
                writer.BeginTurn(Role.Text);
                WriteText(PartKind.Text, Text(draft[Field.Text], "text"), json);
                break;
            case Dialect.SelfInstruct:
                var instance = draft.Instances[number];
                WriteExchange(json, draft[Field.Instruction], instance.Input, instance.Output);
                break;
            default:
                if (draft[Field.History] is { Form: Form.Turns } history && Dialect == Dialect.Alpaca)
                {
                    WriteTurns(json, history);
                }

                var (prompt, response) = DialectResolver.Exchange(draft, shape, Dialect);
                WriteExchange(json, prompt, Dialect == Dialect.Alpaca ? draft[Field.Input] : default, response);
                break;
        }

        return writer.Written;
    }

    /// <summary>
    /// The line that holds one instance of a self-instruct record alone: the bytes around the array of instances, and the one inside.
    /// </summary>
    public void WriteInstance(ReadOnlySpan<byte> json, int number, IBufferWriter<byte> line)
    {
        var array = draft.InstanceArray;
        line.Write(json[..(array.Start + 1)]);
        line.Write(draft.Instances[number].Whole.Of(json));
        line.Write(json[(array.Start + array.Length - 1)..]);
    }

    public void Dispose() => writer.Dispose();

    private void WriteTools(ReadOnlySpan<byte> json, Slice tools)
    {
        if (!tools.IsPresent)
        {
            writer.Begin(default);
            return;
        }

        var raw = tools.Of(json);
        var text = ArrayPool<byte>.Shared.Rent(raw.Length + 1);
        var compact = ArrayPool<byte>.Shared.Rent(raw.Length + 1);
        var length = tools.Form == Form.EscapedString ? JsonText.Unescape(raw, text, tools.Start) : Copy(raw, text);

        // Tools are JSON, as an array or as a string of it: the same tools give the same key either way.
        var value = text.AsSpan(0, length);
        var minified = !tools.IsString || JsonText.IsValid(value) ? compact.AsSpan(0, JsonText.Minify(value, compact)) : value;
        writer.Begin(minified.SequenceEqual("[]"u8) ? default : minified);
        ArrayPool<byte>.Shared.Return(text);
        ArrayPool<byte>.Shared.Return(compact);
    }

    private void WriteExchange(ReadOnlySpan<byte> json, Slice prompt, Slice input, Slice response)
    {
        if (prompt.Form == Form.Turns)
        {
            WriteTurns(json, prompt);
        }
        else
        {
            writer.BeginTurn(Role.User);
            WriteText(PartKind.Text, Text(prompt, "prompt"), json);
            if (input.IsPresent && Text(input, "input").Length > 0)
            {
                WriteText(PartKind.Input, input, json);
            }
        }

        if (response.Form == Form.Turns)
        {
            WriteTurns(json, response);
        }
        else
        {
            writer.BeginTurn(Role.Assistant);
            WriteText(PartKind.Text, Text(response, "response"), json);
        }
    }

    private void WriteTurns(ReadOnlySpan<byte> json, Slice turns)
    {
        if (turns.Form != Form.Turns)
        {
            throw new InvalidRecordException(DataCodes.WrongType, turns.Start, "the conversation is a list of messages, but this is something else.");
        }

        for (var i = turns.Start; i < turns.Start + turns.Length; i++)
        {
            var turn = draft.Turns[i];
            writer.BeginTurn(turn.Role, Short(json, turn.Name), Short(json, turn.ToolCallId), turn.LossWeight);
            for (var p = turn.FirstPart; p < turn.FirstPart + turn.PartCount; p++)
            {
                WriteText(draft.Parts[p].Kind, draft.Parts[p].Text, json);
            }
        }
    }

    private void WriteText(PartKind kind, Slice text, ReadOnlySpan<byte> json)
    {
        var raw = text.Of(json);
        switch (text.Form)
        {
            case Form.PlainString:
                writer.Part(kind, raw);
                break;
            case Form.EscapedString:
                writer.EndPart(JsonText.Unescape(raw, writer.BeginPart(kind, raw.Length), text.Start));
                break;
            default:
                writer.EndPart(JsonText.Minify(raw, writer.BeginPart(kind, raw.Length)));
                break;
        }
    }

    private static ReadOnlySpan<byte> Short(ReadOnlySpan<byte> json, Slice name)
    {
        if (name.Form != Form.EscapedString)
        {
            return name.IsPresent ? name.Of(json) : default;
        }

        var text = new byte[name.Length];
        return text.AsSpan(0, JsonText.Unescape(name.Of(json), text, name.Start));
    }

    private static Slice Text(Slice value, string what) =>
        value.IsString
            ? value
            : throw new InvalidRecordException(DataCodes.WrongType, value.Form == Form.Turns ? 0 : value.Start, $"the {what} must be a string.");

    private static int Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        return from.Length;
    }
}
