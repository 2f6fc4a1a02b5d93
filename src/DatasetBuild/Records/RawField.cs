using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DatasetBuild.Records;

/// <summary>What a field outside the conversation holds.</summary>
public enum RawKind : byte
{
    /// <summary>Not there, null, an object or an array.</summary>
    None = 0,
    Number = 1,
    Text = 2,
}

/// <summary>The value of a field: a finite number, or a text (true and false are the texts <c>true</c> and <c>false</c>).</summary>
public readonly record struct RawValue(RawKind Kind, double Number, string? Text)
{
    /// <summary>As a group or an id is written: numbers in their shortest form.</summary>
    public string? Label => Kind switch
    {
        RawKind.Number => Number.ToString("R", CultureInfo.InvariantCulture),
        RawKind.Text => Text,
        _ => null,
    };
}

/// <summary>
/// Reads a field of the raw record: <c>quality</c>, or <c>meta.quality</c> inside an object where no field bears the whole name.
/// </summary>
public sealed class RawField
{
    private readonly byte[] whole;
    private readonly byte[][] path;

    public RawField(string name)
    {
        Name = name;
        whole = Encoding.UTF8.GetBytes(name);
        path = [.. name.Split('.').Select(Encoding.UTF8.GetBytes)];
    }

    public string Name { get; }

    /// <summary>The field's value in one record, which is valid JSON.</summary>
    public RawValue Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var value = Find(json, [whole]);
            return value.Kind == RawKind.None && path.Length > 1 ? Find(json, path) : value;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair stands for no text, so there is no value.
            return default;
        }
    }

    private static RawValue Find(ReadOnlySpan<byte> json, ReadOnlySpan<byte[]> names)
    {
        var reader = new Utf8JsonReader(json, JsonText.Strict);
        reader.Read();
        while (reader.TokenType == JsonTokenType.StartObject)
        {
            var found = false;
            while (!found && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                found = reader.ValueTextEquals(names[0]);
                reader.Read();
                if (!found)
                {
                    reader.Skip();
                }
            }

            if (!found)
            {
                return default;
            }

            names = names[1..];
            if (names.IsEmpty)
            {
                return ValueOf(ref reader);
            }
        }

        return default;
    }

    private static RawValue ValueOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number) => new RawValue(RawKind.Number, number, null),
        JsonTokenType.String => new RawValue(RawKind.Text, 0, reader.GetString()),
        JsonTokenType.True => new RawValue(RawKind.Text, 0, "true"),
        JsonTokenType.False => new RawValue(RawKind.Text, 0, "false"),
        _ => default,
    };
}
