using System.Text;
using System.Text.Json;
using DatasetBuild.Records;
using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Reads the texts of some fields of a raw item: <c>question</c>, or <c>meta.question</c> inside an object where no field bears the whole name. A field's value
/// may be a text, or hold texts at any depth, as a list of choices does.
/// </summary>
internal sealed class EvaluationFields(IReadOnlyList<string> names)
{
    private readonly byte[][] wholes = [.. names.Select(Encoding.UTF8.GetBytes)];
    private readonly byte[][][] paths = [.. names.Select(name => name.Split('.').Select(Encoding.UTF8.GetBytes).ToArray())];
    private readonly bool[] seen = new bool[names.Count];

    /// <summary>Takes a text, and whether it is a field's whole value.</summary>
    public delegate void Take(ReadOnlySpan<byte> utf8, bool isWhole);

    /// <summary>The first declared field that no item had so far, or null.</summary>
    public string? Unseen => Array.IndexOf(seen, false) is >= 0 and var first ? names[first] : null;

    /// <exception cref="InvalidRecordException">The item is no JSON object in UTF-8, or has none of the fields.</exception>
    public void Read(ReadOnlySpan<byte> json, Take take)
    {
        JsonText.RequireObject(json, "An evaluation file has one a line, or an array of them.");
        var any = false;
        for (var i = 0; i < wholes.Length; i++)
        {
            var has = TryTake(json, [wholes[i]], take) || (paths[i].Length > 1 && TryTake(json, paths[i], take));
            seen[i] |= has;
            any |= has;
        }

        if (!any)
        {
            throw new InvalidRecordException(
                DataCodes.UnusableEvaluation, 0, $"this item has none of the fields that Fields names ({string.Join(", ", names)}){Has(json)}. Check their spelling, or take the item out.");
        }
    }

    /// <summary>The fields that an item has, in words; of very many the first.</summary>
    private static string Has(ReadOnlySpan<byte> json)
    {
        const int MostNamed = 8;
        var fields = new List<string>();
        var reader = new Utf8JsonReader(json, JsonText.Strict);
        reader.Read();
        while (fields.Count <= MostNamed && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            fields.Add(Visible.Of(Encoding.UTF8.GetString(reader.ValueSpan)));
            reader.Read();
            reader.Skip();
        }

        return fields.Count == 0 ? "" : $"; it has {string.Join(", ", fields.Take(MostNamed))}{(fields.Count > MostNamed ? " and more" : "")}";
    }

    private static bool TryTake(ReadOnlySpan<byte> json, ReadOnlySpan<byte[]> path, Take take)
    {
        var reader = new Utf8JsonReader(json, JsonText.Strict);
        reader.Read();
        foreach (var name in path)
        {
            if (reader.TokenType != JsonTokenType.StartObject || !TryEnter(ref reader, name))
            {
                return false;
            }
        }

        TakeTexts(ref reader, take);
        return true;
    }

    private static bool TryEnter(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                RefuseSecond(reader, name);
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    /// <summary>Of two fields of one name nobody knows which one counts.</summary>
    private static void RefuseSecond(Utf8JsonReader first, ReadOnlySpan<byte> name)
    {
        first.Skip();
        while (first.Read() && first.TokenType == JsonTokenType.PropertyName)
        {
            if (first.ValueTextEquals(name))
            {
                throw new InvalidRecordException(
                    DataCodes.DuplicateField, (int)first.TokenStartIndex, $"the field '{Encoding.UTF8.GetString(name)}' stands here a second time. Which one counts cannot be known: keep one.");
            }

            first.Read();
            first.Skip();
        }
    }

    private static void TakeTexts(ref Utf8JsonReader reader, Take take)
    {
        var depth = reader.CurrentDepth;
        var isWhole = reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
        do
        {
            if (reader.TokenType is JsonTokenType.String)
            {
                take(TextOf(ref reader), isWhole);
            }
            else if (reader.TokenType is JsonTokenType.Number)
            {
                take(reader.ValueSpan, isWhole);
            }
        }
        while (!isWhole && reader.Read() && reader.CurrentDepth > depth);
    }

    private static byte[] TextOf(ref Utf8JsonReader reader)
    {
        var text = new byte[reader.ValueSpan.Length];
        return text[..JsonText.Unescape(reader.ValueSpan, text, (int)reader.TokenStartIndex + 1)];
    }
}
