using System.Text.Json;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Reads the section <c>pre_tokenizer</c> of a byte-level tokenizer: <c>ByteLevel</c> with GPT-2's pattern built in, or a <c>Split</c> by a
/// published pattern followed by <c>ByteLevel</c> without one.
/// </summary>
internal static class ByteLevelPreTokenizerReader
{
    private const string Supported =
        "Supported are ByteLevel, and Split by the pattern of GPT-2, cl100k (also Llama 3) or o200k followed by ByteLevel with use_regex false.";

    public static SplitPattern Read(TokenizerFile file, JsonPart part)
    {
        if (part.IsNull)
        {
            throw file.Error(TokenizerErrors.UnsupportedPreTokenizer, $"A BPE model without a pre_tokenizer is not supported. {Supported}");
        }

        var steps = Type(file, part, out var members) == "Sequence" ? JsonParts.Elements(file, Member(file, part, members, "pretokenizers")) : [part];
        if (steps.Count is 0 or > 2)
        {
            throw file.ErrorAt(part.Start, TokenizerErrors.UnsupportedPreTokenizer, $"A sequence of {steps.Count} pre-tokenizers is not supported. {Supported}");
        }

        var useRegex = ReadByteLevel(file, steps[^1]);
        if (steps.Count == 2)
        {
            var pattern = ReadSplit(file, steps[0]);
            return !useRegex ? pattern : throw file.ErrorAt(
                steps[1].Start, TokenizerErrors.UnsupportedPreTokenizer, $"ByteLevel that splits again after a Split is not supported. {Supported}");
        }

        return useRegex ? PublishedPatterns.Gpt2 : throw file.ErrorAt(
            steps[0].Start, TokenizerErrors.UnsupportedPreTokenizer, $"ByteLevel with use_regex false and no Split before it is not supported. {Supported}");
    }

    private static bool ReadByteLevel(TokenizerFile file, JsonPart part)
    {
        if (Type(file, part, out var members) is not "ByteLevel" and var type)
        {
            throw file.ErrorAt(part.Start, TokenizerErrors.UnsupportedPreTokenizer, $"The pre-tokenizer {type} is not supported. {Supported}");
        }

        // trim_offsets moves the places of tokens in the library's own report; ours are the places of their bytes.
        if (Flag(file, Member(file, part, members, "add_prefix_space")))
        {
            throw file.ErrorAt(part.Start, TokenizerErrors.UnsupportedPreTokenizer, "ByteLevel with add_prefix_space is not supported.");
        }

        return !members.TryGetValue("use_regex", out var useRegex) || Flag(file, useRegex);
    }

    private static SplitPattern ReadSplit(TokenizerFile file, JsonPart part)
    {
        if (Type(file, part, out var members) is not "Split" and var type)
        {
            throw file.ErrorAt(part.Start, TokenizerErrors.UnsupportedPreTokenizer, $"The pre-tokenizer {type} is not supported. {Supported}");
        }

        // The published patterns leave no gaps, so cutting out what lies between the matches is the same as cutting around them.
        var behavior = JsonParts.String(file, Member(file, part, members, "behavior"));
        var invert = members.TryGetValue("invert", out var inverted) && Flag(file, inverted);
        if ((behavior, invert) is not ("Isolated", _) and not ("Removed", true))
        {
            throw file.ErrorAt(
                part.Start,
                TokenizerErrors.UnsupportedPreTokenizer,
                $"Split with behavior {behavior} and invert {(invert ? "true" : "false")} is not supported, only Isolated, or Removed with invert true.");
        }

        var pattern = Member(file, part, members, "pattern");
        if (!JsonParts.Members(file, pattern).TryGetValue("Regex", out var regex))
        {
            throw file.ErrorAt(pattern.Start, TokenizerErrors.UnsupportedPreTokenizer, $"Split by a plain string is not supported. {Supported}");
        }

        var text = JsonParts.String(file, regex);
        return PublishedPatterns.FromRegex(text) ?? throw file.ErrorAt(
            regex.Start, TokenizerErrors.UnsupportedPreTokenizer, $"The pattern {text} is not supported. {Supported}");
    }

    private static string Type(TokenizerFile file, JsonPart part, out Dictionary<string, JsonPart> members)
    {
        members = JsonParts.Members(file, part with { Name = "pre_tokenizer" });
        return JsonParts.String(file, Member(file, part, members, "type"));
    }

    private static JsonPart Member(TokenizerFile file, JsonPart part, Dictionary<string, JsonPart> members, string name) =>
        members.TryGetValue(name, out var member)
            ? member
            : throw file.ErrorAt(part.Start, TokenizerErrors.InvalidPart, $"'{name}' is missing in a part of pre_tokenizer.");

    private static bool Flag(TokenizerFile file, JsonPart part) => part.Kind switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw file.ErrorAt(part.Start, TokenizerErrors.InvalidPart, $"'{part.Name}' must be true or false."),
    };
}
