using System.Text.Json;

namespace DatasetBuild.Records;

/// <summary>What a <see cref="Slice"/> of a record's JSON holds.</summary>
internal enum Form : byte
{
    Absent,
    Null,
    PlainString,
    EscapedString,
    Boolean,
    OtherJson,

    /// <summary>Not bytes but turns: the range of <see cref="RecordDraft.Turns"/> that an array of messages became.</summary>
    Turns,
}

/// <summary>A value of the record, as a place in its bytes: for strings without the quotes, escapes unresolved.</summary>
internal readonly record struct Slice(int Start, int Length, Form Form)
{
    public bool IsPresent => Form is not (Form.Absent or Form.Null);

    public bool IsString => Form is Form.PlainString or Form.EscapedString;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> json) => json.Slice(Start, Length);

    /// <summary>The value that the reader stands on; objects and arrays are passed over.</summary>
    public static Slice Read(ref JsonScanner reader)
    {
        var start = reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return new Slice(start + 1, reader.ValueSpan.Length, reader.ValueIsEscaped ? Form.EscapedString : Form.PlainString);
            case JsonTokenType.Null:
                return new Slice(start, 4, Form.Null);
            case JsonTokenType.True or JsonTokenType.False:
                return new Slice(start, reader.ValueSpan.Length, Form.Boolean);
            default:
                reader.Skip();
                return new Slice(start, reader.BytesConsumed - start, Form.OtherJson);
        }
    }
}

internal record struct PartDraft(PartKind Kind, Slice Text);

internal record struct TurnDraft(Role Role, int At, int FirstPart, int PartCount, Slice Name, Slice ToolCallId, double? LossWeight);

/// <summary>One instance of a self-instruct record, with the place of its whole object.</summary>
internal record struct InstanceDraft(Slice Whole, Slice Input, Slice Output);

/// <summary>
/// What one JSON object was found to hold, before anyone decides how to read it: places in its bytes, no text. Reused from record to record.
/// </summary>
internal sealed class RecordDraft
{
    public Slice[] Fields { get; } = new Slice[(int)Field.Count];

    public DraftList<TurnDraft> Turns { get; } = new();

    public DraftList<PartDraft> Parts { get; } = new();

    public DraftList<InstanceDraft> Instances { get; } = new();

    /// <summary>The array that holds the instances, brackets included.</summary>
    public Slice InstanceArray { get; set; }

    public Slice this[Field field] => Fields[(int)field];

    /// <summary>One bit for each field that the record has.</summary>
    public uint FieldSet
    {
        get
        {
            var set = 0u;
            for (var i = 0; i < Fields.Length; i++)
            {
                set |= Fields[i].IsPresent ? 1u << i : 0;
            }

            return set;
        }
    }

    public bool Has(Field field) => Fields[(int)field].IsPresent;

    public void Clear()
    {
        Array.Clear(Fields);
        Turns.Clear();
        Parts.Clear();
        Instances.Clear();
        InstanceArray = default;
    }
}
