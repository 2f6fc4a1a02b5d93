using System.Text;
using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>What the section <c>model</c> of a tokenizer.json with BPE says.</summary>
internal sealed record BpeFile(IReadOnlyList<(string Text, int Id)> Tokens, MergeTable Merges, BpeOptions Options);

/// <summary>Reads the section <c>model</c> of a tokenizer.json whose type is BPE.</summary>
internal static class BpeModelReader
{
    public static BpeFile Read(JsonSection model)
    {
        var options = ReadOptions(model);
        var tokens = ReadVocabulary(model);
        return new BpeFile(tokens, ReadMerges(model, tokens, Encoding.UTF8.GetByteCount(options.ContinuingPrefix)), options);
    }

    public static BpeOptions ReadOptions(JsonSection model)
    {
        if (model.Has("dropout") && model.Real(model.Part("dropout")) != 0)
        {
            throw model.Error("dropout", TokenizerErrors.UnsupportedModel, "BPE with dropout is random and not supported.");
        }

        return new BpeOptions(
            model.Text("unk_token", null),
            model.Text("continuing_subword_prefix", "")!,
            model.Text("end_of_word_suffix", "")!,
            model.Flag("fuse_unk", otherwise: false),
            model.Flag("byte_fallback", otherwise: false),
            model.Flag("ignore_merges", otherwise: false));
    }

    /// <summary>The model over bytes themselves, or null if some texts need more than bytes and merges.</summary>
    public static ByteLevelModel? ReadBytes(BpeFile model)
    {
        if (model.Options.ContinuingPrefix.Length + model.Options.EndSuffix.Length > 0)
        {
            return null;
        }

        var others = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new List<(int, byte[], bool)>(model.Tokens.Count);
        foreach (var (text, id) in model.Tokens)
        {
            var bytes = ByteLevelAlphabet.Decode(text);
            tokens.Add((id, bytes ?? Encoding.UTF8.GetBytes(text), bytes is not null));
            if (bytes is null or [])
            {
                others.Add(text, id);
            }
        }

        var table = new TokenTable(tokens);
        for (var b = 0; b < 256; b++)
        {
            if (table.Find([(byte)b]) < 0)
            {
                return null;
            }
        }

        return new ByteLevelModel(table, others, tokens.Count, new BytePairEncoder(table, model.Merges, model.Options.IgnoreMerges));
    }

    private static List<(string Text, int Id)> ReadVocabulary(JsonSection model)
    {
        var used = new HashSet<int>();
        var tokens = VocabularyReader.Read(model);
        foreach (var (token, id, place) in tokens)
        {
            // What such an id stands for would be a matter of chance.
            if (!used.Add(id))
            {
                throw model.File.ErrorAt(place.Start, TokenizerErrors.Duplicate, $"The id {id} of '{token}' belongs to another token already.");
            }
        }

        return [.. tokens.Select(token => (token.Text, token.Id))];
    }

    private static MergeTable ReadMerges(JsonSection model, List<(string Text, int Id)> tokens, int prefixBytes)
    {
        var file = model.File;
        var ids = tokens.ToDictionary(token => token.Text, token => token.Id, StringComparer.Ordinal);
        var elements = model.Elements("merges");
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
                merges.Add(Id(left), Id(right), rank++, Id(left + Continuation(right)));
            }

            int Id(string token) => ids.TryGetValue(token, out var id)
                ? id
                : throw file.ErrorAt(element.Start, TokenizerErrors.InvalidMerge, $"The merge needs the token '{token}', which is not in the vocabulary.");

            // The prefix of continuations does not go into the merged token.
            string Continuation(string token)
            {
                var utf8 = Encoding.UTF8.GetBytes(token);
                return utf8.Length > prefixBytes && (utf8[prefixBytes] & 0xC0) == 0x80 || utf8.Length < prefixBytes
                    ? throw file.ErrorAt(element.Start, TokenizerErrors.InvalidMerge, $"'{token}' is shorter than the prefix of continuations.")
                    : Encoding.UTF8.GetString(utf8, prefixBytes, utf8.Length - prefixBytes);
            }
        }

        merges.Trim();
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
}
