namespace DatasetBuild.Tokenization;

/// <summary>Reads the section <c>post_processor</c>.</summary>
internal static class PostProcessorReader
{
    public static IPostProcessor? Read(TokenizerFile file, JsonPart part)
    {
        if (part.IsNull)
        {
            return null;
        }

        var section = new JsonSection(file, part, "post_processor");
        return section.Type switch
        {
            "Sequence" => new PostProcessorSequence([.. section.Steps("processors").Select(step => Read(file, step)
                ?? throw section.Error("processors", TokenizerErrors.InvalidPart, "A step of a Sequence must not be null."))]),
            "ByteLevel" => new ByteLevelPostProcessor(section.Flag("add_prefix_space"), section.Flag("trim_offsets")),
            "BertProcessing" => new BertPostProcessor(Token(section, "cls"), Token(section, "sep"), roberta: false),
            "RobertaProcessing" => ReadRoberta(section),
            "TemplateProcessing" => ReadTemplates(section),
            var type => throw section.Error(TokenizerErrors.UnsupportedProcessor, $"The post-processor {type} is unknown."),
        };
    }

    private static PostProcessorSequence ReadRoberta(JsonSection section) => new(
    [
        new ByteLevelPostProcessor(section.Flag("add_prefix_space"), section.Flag("trim_offsets")),
        new BertPostProcessor(Token(section, "cls"), Token(section, "sep"), roberta: true),
    ]);

    private static (int Id, string Text) Token(JsonSection section, string name)
    {
        var pair = section.Elements(name);
        return pair.Count == 2
            ? (JsonParts.Id(section.File, pair[1]), JsonParts.String(section.File, pair[0]))
            : throw section.Error(name, TokenizerErrors.InvalidPart, $"'{name}' must be a token and its id.");
    }

    private static TemplatePostProcessor ReadTemplates(JsonSection section)
    {
        var special = section.Section("special_tokens");
        var tokens = special.Members.ToDictionary(member => member.Name, member => ReadSpecial(special.Section(member.Name)), StringComparer.Ordinal);
        return new TemplatePostProcessor(
            [.. section.Elements("single").Select(piece => ReadPiece(section, piece, tokens, texts: 1))],
            [.. section.Elements("pair").Select(piece => ReadPiece(section, piece, tokens, texts: 2))]);
    }

    private static List<(int Id, string Text)> ReadSpecial(JsonSection token)
    {
        var ids = token.Elements("ids");
        var texts = token.Elements("tokens");
        return ids.Count == texts.Count
            ? [.. ids.Zip(texts, (id, text) => (JsonParts.Id(token.File, id), JsonParts.String(token.File, text)))]
            : throw token.Error(TokenizerErrors.InvalidPart, "'ids' and 'tokens' of a special token must be as many.");
    }

    private static TemplatePiece ReadPiece(JsonSection owner, JsonPart part, Dictionary<string, List<(int Id, string Text)>> tokens, int texts)
    {
        var wrapper = new JsonSection(owner.File, part, owner.What);
        var name = wrapper.Members.Count() == 1 && wrapper.Has("Sequence") ? "Sequence" : "SpecialToken";
        var piece = wrapper.Section(name);
        var (id, type) = (piece.Text("id"), (int)Math.Min(piece.Number("type_id"), int.MaxValue));
        if (name == "SpecialToken")
        {
            return tokens.TryGetValue(id, out var special)
                ? new TemplatePiece(-1, special, type)
                : throw piece.Error("id", TokenizerErrors.InvalidPart, $"The template names the special token '{id}', which is not among its special_tokens.");
        }

        var sequence = id switch { "A" => 0, "B" => 1, _ => int.MaxValue };
        return sequence < texts
            ? new TemplatePiece(sequence, [], type)
            : throw piece.Error("id", TokenizerErrors.InvalidPart, $"The template names the text {id}; a single text is A, those of a pair are A and B.");
    }
}
