using System.Text;
using System.Text.Json;

namespace DatasetBuild.Records;

/// <summary>What all readers of records need of a property: its name, that it stands once, that it is a string.</summary>
internal static class RecordProperty
{
    public static Slice RequireString(Slice value, string what) =>
        value.IsString ? value : throw new InvalidRecordException(DataCodes.WrongType, value.Start, $"the {what} is missing or is not a string.");

    public static Slice OptionalString(Slice value, string what) => value.IsPresent ? RequireString(value, what) : default;

    public static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => name.SequenceEqual(one) || name.SequenceEqual(other);

    /// <summary>The property's name with its escapes resolved, as any JSON reader would see it.</summary>
    public static ReadOnlySpan<byte> NameAt(ref JsonScanner reader)
    {
        var name = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return name;
        }

        var text = new byte[name.Length];
        return text.AsSpan(0, JsonText.Unescape(name, text, reader.TokenStartIndex + 1));
    }

    public static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> json, Slice value)
    {
        if (value.Form != Form.EscapedString)
        {
            return value.Of(json);
        }

        var text = new byte[value.Length];
        return text.AsSpan(0, JsonText.Unescape(value.Of(json), text, value.Start));
    }

    /// <summary>Reads a value that may stand once; null beside a value says nothing, as in records that carry every name of a field.</summary>
    public static void Take(ref Slice slot, ref JsonScanner reader, ReadOnlySpan<byte> json, int at)
    {
        var value = Slice.Read(ref reader);
        if (slot.IsPresent && value.IsPresent)
        {
            throw Duplicate(json, at);
        }

        slot = slot.IsPresent ? slot : value;
    }

    public static void Once(Slice already, ReadOnlySpan<byte> json, int at)
    {
        if (already.Form != Form.Absent)
        {
            throw Duplicate(json, at);
        }
    }

    public static InvalidRecordException Duplicate(ReadOnlySpan<byte> json, int at)
    {
        var name = json[(at + 1)..];
        return new InvalidRecordException(
            DataCodes.DuplicateField, at, $"the field '{Show(name[..name.IndexOf((byte)'"')])}' (or one that means the same) stands here a second time. Which one counts cannot be known: keep one.");
    }

    public static string Show(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name[..Math.Min(name.Length, 80)]);

    public static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        _ => "nothing",
    };
}
