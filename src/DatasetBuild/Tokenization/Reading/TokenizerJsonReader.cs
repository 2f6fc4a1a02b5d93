using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Reads Hugging Face's <c>tokenizer.json</c>. Every section is followed exactly or refused, but for <c>truncation</c> and <c>padding</c>: those are
/// about batches for a model, not about what a text's tokens are, and are left unread.
/// </summary>
internal static class TokenizerJsonReader
{
    private static readonly string[] Sections =
        ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"];

    public static ComposedTokenizer Read(TokenizerFile file, IKeptModels? kept)
    {
        var sections = JsonParts.Members(file, JsonParts.Whole(file));
        if (sections.TryGetValue(Tokenizers.MicrosoftMember, out var foreign))
        {
            throw file.ErrorAt(
                foreign.Start,
                TokenizerErrors.NoMicrosoftTokenizers,
                "This describes a tokenizer of Microsoft.ML.Tokenizers, which this build of the engine does not hold. Build it with -p:UseMicrosoftTokenizers=true, or name the model's tokenizer.json.");
        }

        var unknown = sections.Values.FirstOrDefault(section => !Sections.Contains(section.Name, StringComparer.Ordinal));
        if (unknown.Name is not null && sections.GetValueOrDefault("model").Kind != JsonTokenType.StartObject)
        {
            throw file.Error(
                TokenizerErrors.NotRecognised,
                "This is JSON, but no tokenizer.json: that has a section 'model'. A tokenizer_config.json stands beside it; a vocab.json with merges.txt has to be converted to one.");
        }

        if (unknown.Name is not null)
        {
            throw file.ErrorAt(unknown.Start, TokenizerErrors.InvalidPart, $"A tokenizer.json has no section '{unknown.Name}'.");
        }

        if (sections.TryGetValue("version", out var version) && JsonParts.String(file, version) is not "1.0" and var number)
        {
            throw file.ErrorAt(version.Start, TokenizerErrors.InvalidPart, $"The version of a tokenizer.json is \"1.0\"; this is \"{number}\".");
        }

        if (!sections.TryGetValue("model", out var model) || model.IsNull)
        {
            throw file.Error(TokenizerErrors.InvalidPart, "The section 'model' is missing.");
        }

        var tokens = AddedTokensReader.Read(file, sections.GetValueOrDefault("added_tokens"));
        var normalizer = NormalizerReader.Read(file, sections.GetValueOrDefault("normalizer"));
        var preTokenizer = PreTokenizerReader.Read(file, sections.GetValueOrDefault("pre_tokenizer"));
        var postProcessor = PostProcessorReader.Read(file, sections.GetValueOrDefault("post_processor"));
        var decoder = DecoderReader.Read(file, sections.GetValueOrDefault("decoder"));
        var source = new ModelSource(file, new JsonSection(file, model, "model"), kept);
        var form = normalizer as DecomposingNormalizer;
        var pattern = source.IsBpe && (normalizer is null || form is not null) ? PublishedPreTokenizer.Find(file, sections.GetValueOrDefault("pre_tokenizer")) : null;
        if (pattern is not null && source.TryReadBytes(OfBytes) is { } quick)
        {
            return quick;
        }

        var whole = source.ReadWhole();
        var added = new AddedVocabulary(tokens, whole.Vocabulary, normalizer);
        var general = new NormalizedSegments(normalizer, added.Normalized, preTokenizer, whole);
        return Compose(
            added,
            WordLocality.MayCut(normalizer, added.Normalized, preTokenizer, whole, out var inner, out var mark)
                ? new WordSegments(general, new NormalizedSegments(inner, added.Normalized, preTokenizer, whole), mark)
                : general,
            whole.Vocabulary);

        // Null where added tokens are left to find in normalized text, as they never are without a normalizer.
        ComposedTokenizer? OfBytes(ByteLevelModel model)
        {
            var added = new AddedVocabulary(tokens, model.Texts, normalizer);
            return form is null || added.Normalized.IsEmpty ? Compose(added, new ByteLevelSegments(model.Encoder, pattern, form), model.Texts) : null;
        }

        ComposedTokenizer Compose(AddedVocabulary added, ISegmentEncoder segments, ITokenTexts texts) => new(added, segments, texts, postProcessor, decoder, Identity(file));
    }

    // Which way a file is read is not part of it: all ways give the same tokens.
    private static string Identity(TokenizerFile file) => $"tokenizer.json/2 unicode={UnicodeClasses.Digest} sha256={file.Digest}";
}
