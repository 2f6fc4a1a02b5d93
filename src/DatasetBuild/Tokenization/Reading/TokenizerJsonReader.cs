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

        if (sections.Values.FirstOrDefault(section => !Sections.Contains(section.Name, StringComparer.Ordinal)) is { Name: { } unknown } part)
        {
            throw file.ErrorAt(part.Start, TokenizerErrors.InvalidPart, $"A tokenizer.json has no section '{unknown}'.");
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
        var pattern = isBpe && normalizer is (null or DecomposingNormalizer) ? PublishedPreTokenizer.Find(file, sections.GetValueOrDefault("pre_tokenizer")) : null;
        if (pattern is not null && normalizer is null && kept?.Find(file) is { } known)
        {
            kept.KeepOutline(file, () => Outline(section));
            return Compose(known, pattern);
        }

        file.RefuseOutline();
        var bpe = isBpe ? BpeModelReader.Read(section) : null;
        var quick = bpe is null || pattern is null ? null : BpeModelReader.ReadBytes(bpe);
        if (quick is not null && normalizer is null)
        {
            kept?.Keep(file, quick);
            kept?.KeepOutline(file, () => Outline(section));
            return Compose(quick, pattern!);
        }

        var whole = bpe is null ? ModelReader.Read(section) : new BpeModel(new Vocabulary(bpe.Tokens), bpe.Merges, bpe.Options).CutBeforeMarks();
        var added = new AddedVocabulary(tokens, whole.Vocabulary, normalizer);
        var general = new NormalizedSegments(normalizer, added.Normalized, preTokenizer, whole);
        ISegmentEncoder careful = WordLocality.MayCut(normalizer, added.Normalized, preTokenizer, whole, out var inner, out var mark)
            ? new WordSegments(general, new NormalizedSegments(inner, added.Normalized, preTokenizer, whole), mark)
            : general;
        var segments = quick is not null && added.Normalized.IsEmpty && normalizer is DecomposingNormalizer decomposing
            ? new UnchangedSegments(decomposing, new ByteLevelSegments(quick.Encoder, pattern!), careful)
            : careful;
        return new ComposedTokenizer(added, segments, whole.Vocabulary, postProcessor, decoder, Identity(file));

        ComposedTokenizer Compose(ByteLevelModel model, SplitPattern pattern) => new(
            new AddedVocabulary(tokens, model.Texts, normalizer: null), new ByteLevelSegments(model.Encoder, pattern), model.Texts, postProcessor, decoder, Identity(file));
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
            outline.AddRange(part.Name == "vocab" ? "{}"u8 : "[]"u8);
            next = part.End;
        }

        return [.. outline, .. bytes.AsSpan(next)];
    }

    // Which way a file is read is not part of it: all ways give the same tokens.
    private static string Identity(TokenizerFile file) => $"tokenizer.json/2 unicode={UnicodeClasses.Digest} sha256={file.Digest}";
}
