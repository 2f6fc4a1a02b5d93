using System.Buffers.Text;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>Reads the section <c>normalizer</c>.</summary>
internal static class NormalizerReader
{
    public static INormalizer? Read(TokenizerFile file, JsonPart part)
    {
        if (part.IsNull)
        {
            return null;
        }

        var section = new JsonSection(file, part, "normalizer");
        return section.Type switch
        {
            "Sequence" => ReadSequence(section),
            "Bert" or "BertNormalizer" => ReadBert(section),
            "Strip" => new StripNormalizer(section.Flag("strip_left"), section.Flag("strip_right")),
            "StripAccents" => new RemovingNormalizer(ReferenceSets.Marks),
            "NFC" => new DecomposingNormalizer(compatible: false, compose: true),
            "NFD" => new DecomposingNormalizer(compatible: false, compose: false),
            "NFKC" => new DecomposingNormalizer(compatible: true, compose: true),
            "NFKD" => new DecomposingNormalizer(compatible: true, compose: false),
            "Lowercase" => new LowercaseNormalizer(),
            "Nmt" => new NmtNormalizer(),
            "ByteLevel" => new ByteLevelNormalizer(),
            "Prepend" => new PrependNormalizer(section.Text("prepend")),
            "Replace" => new ReplaceNormalizer(PatternReader.Read(section), section.Text("content")),
            "Precompiled" => ReadPrecompiled(section),
            var type => throw section.Error(TokenizerErrors.UnsupportedNormalizer, $"The normalizer {type} is unknown."),
        };
    }

    private static NormalizerSequence ReadSequence(JsonSection section)
    {
        var steps = section.Steps("normalizers").Select(step => Read(section.File, step)
            ?? throw section.Error("normalizers", TokenizerErrors.InvalidPart, "A step of a Sequence must not be null.")).ToArray();
        return new NormalizerSequence(steps);
    }

    private static BertNormalizer ReadBert(JsonSection section)
    {
        var lowercase = section.Flag("lowercase");
        return new BertNormalizer(
            section.Flag("clean_text"), section.Flag("handle_chinese_chars"), section.Flag("strip_accents", otherwise: lowercase), lowercase);
    }

    private static PrecompiledNormalizer ReadPrecompiled(JsonSection section)
    {
        var text = Encoding.UTF8.GetBytes(section.Text("precompiled_charsmap"));
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.IsValid(text)
            && Base64.DecodeFromUtf8(text, bytes, out _, out var length) == System.Buffers.OperationStatus.Done
            && CharacterMap.Read(bytes.AsSpan(0, length)) is { } map
                ? new PrecompiledNormalizer(map)
                : throw section.Error("precompiled_charsmap", TokenizerErrors.InvalidPart, "The precompiled_charsmap is no character map. Is the file complete?");
    }
}
