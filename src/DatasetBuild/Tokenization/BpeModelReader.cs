using System.Text;
using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>Reads the section <c>model</c> of a tokenizer.json whose type is BPE over the byte-level alphabet.</summary>
internal static class BpeModelReader
{
    public static (TokenTable Tokens, MergeTable Merges, bool IgnoreMerges) Read(TokenizerFile file, JsonPart model)
    {
        var members = JsonParts.Members(file, model);
        RefuseOtherModels(file, model, members);
        RefuseOptions(file, members);
        var ids = ReadVocabulary(file, Required(file, model, members, "vocab"), out var tokens);
        var merges = ReadMerges(file, Required(file, model, members, "merges"), ids);
        return (tokens, merges, members.TryGetValue("ignore_merges", out var ignore) && ignore.Kind == JsonTokenType.True);
    }

    // Files of old versions leave the type out; merges are found in no other model.
    private static void RefuseOtherModels(TokenizerFile file, JsonPart model, Dictionary<string, JsonPart> members)
    {
        var type = members.TryGetValue("type", out var part) ? JsonParts.String(file, part) : members.ContainsKey("merges") ? "BPE" : "of no type";
        if (type != "BPE")
        {
            throw file.ErrorAt(model.Start, TokenizerErrors.UnsupportedModel, $"The model {type} is not supported, only byte-level BPE.");
        }
    }

    // unk_token and fuse_unk are about symbols that are not in the vocabulary; with all 256 bytes in it there are none.
    private static void RefuseOptions(TokenizerFile file, Dictionary<string, JsonPart> members)
    {
        foreach (var name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (members.TryGetValue(name, out var affix) && !affix.IsNull && JsonParts.String(file, affix).Length > 0)
            {
                throw file.ErrorAt(affix.Start, TokenizerErrors.UnsupportedModel, $"BPE with {name} is not supported.");
            }
        }

        if (members.TryGetValue("byte_fallback", out var fallback) && fallback.Kind == JsonTokenType.True)
        {
            throw file.ErrorAt(fallback.Start, TokenizerErrors.UnsupportedModel, "BPE with byte_fallback is not supported.");
        }

        if (members.TryGetValue("dropout", out var dropout) && !dropout.IsNull && !IsZero(file, dropout))
        {
            throw file.ErrorAt(dropout.Start, TokenizerErrors.UnsupportedModel, "BPE with dropout is random and not supported.");
        }
    }

    private static bool IsZero(TokenizerFile file, JsonPart part) =>
        part.Kind == JsonTokenType.Number
        && double.TryParse(file.Bytes.AsSpan(part.Start..part.End), System.Globalization.CultureInfo.InvariantCulture, out var value) && value == 0;

    private static Dictionary<string, int> ReadVocabulary(TokenizerFile file, JsonPart part, out TokenTable table)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var used = new HashSet<int>();
        var tokens = new List<(int, byte[], bool)>();
        foreach (var (token, place) in JsonParts.Members(file, part))
        {
            var id = JsonParts.Id(file, place);
            if (!used.Add(id))
            {
                throw file.ErrorAt(place.Start, TokenizerErrors.Duplicate, $"The id {id} of '{token}' belongs to another token already.");
            }

            ids.Add(token, id);
            var bytes = ByteLevelAlphabet.Decode(token);
            tokens.Add((id, bytes ?? Encoding.UTF8.GetBytes(token), bytes is not null));
        }

        table = new TokenTable(tokens);
        for (var b = 0; b < 256; b++)
        {
            if (table.Find([(byte)b]) < 0)
            {
                throw file.ErrorAt(
                    part.Start,
                    TokenizerErrors.MissingBytes,
                    $"The byte 0x{b:X2} is not in the vocabulary, so it is no byte-level vocabulary or an incomplete one; neither is supported.");
            }
        }

        return ids;
    }

    private static MergeTable ReadMerges(TokenizerFile file, JsonPart part, Dictionary<string, int> ids)
    {
        var elements = JsonParts.Elements(file, part);
        var merges = new MergeTable(elements.Count);
        var spelling = elements.Count > 0 ? elements[0].Kind : JsonTokenType.String;
        var rank = 0;
        foreach (var element in elements)
        {
            if (element.Kind != spelling)
            {
                throw file.ErrorAt(element.Start, TokenizerErrors.InvalidMerge, "Merges are written all as strings or all as pairs.");
            }

            if (ReadMerge(file, element) is var (left, right))
            {
                merges.Add(Id(left), Id(right), rank++, Id(left + right));
            }

            int Id(string token) => ids.TryGetValue(token, out var id)
                ? id
                : throw file.ErrorAt(element.Start, TokenizerErrors.InvalidMerge, $"The merge needs the token '{token}', which is not in the vocabulary.");
        }

        return merges;
    }

    private static (string Left, string Right)? ReadMerge(TokenizerFile file, JsonPart element)
    {
        string[] parts;
        if (element.Kind == JsonTokenType.StartArray)
        {
            parts = JsonParts.Elements(file, element).Select(token => JsonParts.String(file, token)).ToArray();
        }
        else
        {
            var text = JsonParts.String(file, element);
            if (text.StartsWith("#version", StringComparison.Ordinal))
            {
                return null;
            }

            parts = text.Split(' ');
        }

        return parts.Length == 2
            ? (parts[0], parts[1])
            : throw file.ErrorAt(element.Start, TokenizerErrors.InvalidMerge, $"A merge has two parts, this one has {parts.Length}.");
    }

    private static JsonPart Required(TokenizerFile file, JsonPart model, Dictionary<string, JsonPart> members, string name) =>
        members.TryGetValue(name, out var member)
            ? member
            : throw file.ErrorAt(model.Start, TokenizerErrors.InvalidPart, $"'{name}' is missing in the model.");
}
