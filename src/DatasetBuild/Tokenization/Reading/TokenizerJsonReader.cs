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
        var section = new JsonSection(file, model, "model");
        var isBpe = ModelReader.Type(section) == "BPE";
        var form = normalizer as DecomposingNormalizer;
        BpeFile? bpe = null;
        if (isBpe && (normalizer is null || form is not null) && PublishedPreTokenizer.Find(file, sections.GetValueOrDefault("pre_tokenizer")) is { } pattern && ReadBytes() is { } bytes)
        {
            return Compose(new AddedVocabulary(tokens, bytes.Texts, normalizer), new ByteLevelSegments(bytes.Encoder, pattern, form), bytes.Texts);
        }

        var whole = ReadWhole();
        var added = new AddedVocabulary(tokens, whole.Vocabulary, normalizer);
        var general = new NormalizedSegments(normalizer, added.Normalized, preTokenizer, whole);
        return Compose(
            added,
            WordLocality.MayCut(normalizer, added.Normalized, preTokenizer, whole, out var inner, out var mark)
                ? new WordSegments(general, new NormalizedSegments(inner, added.Normalized, preTokenizer, whole), mark)
                : general,
            whole.Vocabulary);

        // The model over bytes themselves; null where some texts need more than that.
        ByteLevelModel? ReadBytes()
        {
            var known = kept?.Find(file, ByteLevelModel.Read);
            if (known is null && !file.IsOutline)
            {
                bpe = BpeModelReader.Read(section);
            }

            var model = known ?? (bpe is null ? null : BpeModelReader.ReadBytes(bpe));
            if (model is null || !(form is null || new AddedVocabulary(tokens, model.Texts, form).Normalized.IsEmpty))
            {
                return null;
            }

            Keep(known is null ? model.Write : null);
            return model;
        }

        ITokenModel ReadWhole()
        {
            var known = kept?.Find(file, image => ModelReader.Read(section, image));
            if (known is null)
            {
                file.RefuseOutline();
            }

            var model = known ?? (bpe is null ? ModelReader.Read(section) : ModelReader.ReadBpe(bpe).CutBeforeMarks());
            Keep(known is null ? model.Write : null);
            return model;
        }

        void Keep(Action<ImageWriter>? write)
        {
            if (write is not null)
            {
                kept?.Keep(file, write);
            }

            kept?.KeepOutline(file, () => Outline(section));
        }

        ComposedTokenizer Compose(AddedVocabulary added, ISegmentEncoder segments, ITokenTexts texts) => new(added, segments, texts, postProcessor, decoder, Identity(file));
    }

    /// <summary>The file without the vocabulary and the merges.</summary>
    private static byte[] Outline(JsonSection model)
    {
        var bytes = model.File.Bytes;
        var outline = new List<byte>();
        var next = 0;
        foreach (var part in model.Members.Where(member => member.Name is "vocab" or "merges").OrderBy(member => member.Start))
        {
            outline.AddRange(bytes.AsSpan(next..part.Start));
            outline.AddRange(bytes[part.Start] == '{' ? "{}"u8 : "[]"u8);
            next = part.End;
        }

        return [.. outline, .. bytes.AsSpan(next)];
    }

    // Which way a file is read is not part of it: all ways give the same tokens.
    private static string Identity(TokenizerFile file) => $"tokenizer.json/2 unicode={UnicodeClasses.Digest} sha256={file.Digest}";
}
