using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c> with a byte-level BPE model. The sections that act on special tokens, on decoding or on the length
/// of a sequence (<c>added_tokens</c>, <c>post_processor</c>, <c>decoder</c>, <c>truncation</c>, <c>padding</c>) do not act on plain text and are
/// left unread; every other section is followed exactly or refused.
/// </summary>
internal static class TokenizerJsonReader
{
    private static readonly string[] Sections =
        ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"];

    public static ITokenizer Read(TokenizerFile file)
    {
        var sections = JsonParts.Members(file, JsonParts.Whole(file));
        if (sections.Values.FirstOrDefault(section => !Sections.Contains(section.Name, StringComparer.Ordinal)) is { Name: { } unknown } part)
        {
            throw file.ErrorAt(part.Start, TokenizerErrors.InvalidPart, $"A tokenizer.json has no section '{unknown}'.");
        }

        if (sections.TryGetValue("version", out var version) && JsonParts.String(file, version) is not "1.0" and var number)
        {
            throw file.ErrorAt(version.Start, TokenizerErrors.InvalidPart, $"The version of a tokenizer.json is \"1.0\"; this is \"{number}\".");
        }

        RefuseNormalizer(file, sections.GetValueOrDefault("normalizer"));
        if (!sections.TryGetValue("model", out var model) || model.IsNull)
        {
            throw file.Error(TokenizerErrors.InvalidPart, "The section 'model' is missing.");
        }

        var bpe = BpeModelReader.Read(file, model);
        var pattern = ByteLevelPreTokenizerReader.Read(file, sections.GetValueOrDefault("pre_tokenizer"));
        var identity = $"byte-level-bpe/1 tokenizer.json pattern={pattern.Name} unicode={UnicodeClasses.Digest} sha256={file.Digest}";
        return new ByteLevelTokenizer(bpe.Tokens, new BytePairEncoder(bpe.Tokens, bpe.Merges, bpe.IgnoreMerges), pattern, identity);
    }

    private static void RefuseNormalizer(TokenizerFile file, JsonPart part)
    {
        if (part.IsNull)
        {
            return;
        }

        var members = JsonParts.Members(file, part);
        var type = members.TryGetValue("type", out var name) && name.Kind == JsonTokenType.String ? JsonParts.String(file, name) : "of no type";
        if (type == "Sequence" && members.TryGetValue("normalizers", out var steps) && JsonParts.Elements(file, steps).Count == 0)
        {
            return;
        }

        throw file.ErrorAt(part.Start, TokenizerErrors.UnsupportedNormalizer, $"The normalizer {type} is not supported.");
    }
}
