namespace DatasetBuild.Tokenization;

/// <summary>
/// Recognises the pre-tokenizers that cut the text where it stands by a published pattern and then read bytes: <c>ByteLevel</c> with GPT-2's pattern
/// built in, or a <c>Split</c> by a published pattern followed by <c>ByteLevel</c> without one.
/// </summary>
internal static class PublishedPreTokenizer
{
    /// <summary>The pattern, or null if the section is something else.</summary>
    public static SplitPattern? Find(TokenizerFile file, JsonPart part)
    {
        if (part.IsNull)
        {
            return null;
        }

        var section = new JsonSection(file, part, "pre_tokenizer");
        var steps = section.Type == "Sequence" ? [.. section.Steps("pretokenizers")] : new List<JsonPart> { part };
        if (steps.Count is 0 or > 2 || !IsByteLevel(file, steps[^1], out var useRegex) || useRegex == (steps.Count == 2))
        {
            return null;
        }

        return useRegex ? PublishedPatterns.Gpt2 : FindSplit(file, steps[0]);
    }

    private static bool IsByteLevel(TokenizerFile file, JsonPart part, out bool useRegex)
    {
        var section = new JsonSection(file, part, "pre_tokenizer");
        var isByteLevel = section.Type == "ByteLevel" && !section.Flag("add_prefix_space");
        useRegex = isByteLevel && section.Flag("use_regex", otherwise: true);
        return isByteLevel;
    }

    private static SplitPattern? FindSplit(TokenizerFile file, JsonPart part)
    {
        var section = new JsonSection(file, part, "pre_tokenizer");
        if (section.Type != "Split" || !section.Section("pattern").Has("Regex"))
        {
            return null;
        }

        // The published patterns leave no gaps, so cutting out what lies between the matches is the same as cutting around them.
        return (section.Text("behavior"), section.Flag("invert")) is ("Isolated", _) or ("Removed", true)
            ? PublishedPatterns.FromRegex(section.Section("pattern").Text("Regex"))
            : null;
    }
}
