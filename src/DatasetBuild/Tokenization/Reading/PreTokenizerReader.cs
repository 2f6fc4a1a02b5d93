namespace DatasetBuild.Tokenization;

/// <summary>Reads the section <c>pre_tokenizer</c>.</summary>
internal static class PreTokenizerReader
{
    public static IPreTokenizer? Read(TokenizerFile file, JsonPart part)
    {
        if (part.IsNull)
        {
            return null;
        }

        var section = new JsonSection(file, part, "pre_tokenizer");
        return section.Type switch
        {
            "Sequence" => new PreTokenizerSequence([.. section.Steps("pretokenizers").Select(step => Read(file, step)
                ?? throw section.Error("pretokenizers", TokenizerErrors.InvalidPart, "A step of a Sequence must not be null."))]),
            "ByteLevel" => ReadByteLevel(section),
            "BertPreTokenizer" => new PreTokenizerSequence(
            [
                Characters(ReferenceSets.WhiteSpace, SplitBehavior.Removed), Characters(ReferenceSets.Punctuation, SplitBehavior.Isolated),
            ]),
            "Whitespace" => new WhitespacePreTokenizer(),
            "WhitespaceSplit" => Characters(ReferenceSets.WhiteSpace, SplitBehavior.Removed),
            "Punctuation" => Characters(ReferenceSets.Punctuation, section.Has("behavior") ? ReadBehavior(section) : SplitBehavior.Isolated),
            "Digits" => Characters(ReferenceSets.Numeric, section.Flag("individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
            "CharDelimiterSplit" => Characters(CodePointSet.Of(section.Character("delimiter").Value), SplitBehavior.Removed),
            "Metaspace" => MetaspaceReader.ReadPreTokenizer(section),
            "Split" => new PatternPreTokenizer(PatternReader.Read(section), ReadBehavior(section), section.Flag("invert")),
            "UnicodeScripts" => new UnicodeScriptsPreTokenizer(),
            "FixedLength" => ReadFixedLength(section),
            var type => throw section.Error(TokenizerErrors.UnsupportedPreTokenizer, $"The pre-tokenizer {type} is unknown."),
        };
    }

    private static PatternPreTokenizer Characters(CodePointSet set, SplitBehavior behavior) => new(new CharacterPattern(set), behavior);

    private static ByteLevelPreTokenizer ReadByteLevel(JsonSection section)
    {
        // It is the post-processor's trim_offsets that counts; the pre-tokenizer's has to be there all the same.
        section.Flag("trim_offsets");
        return new ByteLevelPreTokenizer(section.Flag("add_prefix_space"), section.Flag("use_regex", otherwise: true));
    }

    private static SplitBehavior ReadBehavior(JsonSection section) =>
        section.Text("behavior") is var name && Enum.TryParse<SplitBehavior>(name, out var behavior) && behavior.ToString() == name
            ? behavior
            : throw section.Error(
                "behavior", TokenizerErrors.UnsupportedPreTokenizer, $"The behavior {name} is unknown. There are {string.Join(", ", Enum.GetNames<SplitBehavior>())}.");

    private static FixedLengthPreTokenizer ReadFixedLength(JsonSection section)
    {
        const int usual = 5;
        var length = section.Has("length") ? section.Number("length") : usual;
        return length > 0
            ? new FixedLengthPreTokenizer((int)Math.Min(length, int.MaxValue))
            : throw section.Error("length", TokenizerErrors.InvalidPart, "'length' must be at least 1.");
    }
}
