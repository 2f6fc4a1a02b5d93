namespace DatasetBuild.Tokenization;

/// <summary>Reads the section <c>decoder</c>.</summary>
internal static class DecoderReader
{
    public static IDecoder? Read(TokenizerFile file, JsonPart part)
    {
        if (part.IsNull)
        {
            return null;
        }

        var section = new JsonSection(file, part, "decoder");
        return section.Type switch
        {
            "Sequence" => new DecoderSequence([.. section.Steps("decoders").Select(step => Read(file, step)
                ?? throw section.Error("decoders", TokenizerErrors.InvalidPart, "A step of a Sequence must not be null."))]),
            "ByteLevel" => ReadByteLevel(section),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Metaspace" => MetaspaceReader.ReadDecoder(section),
            "BPEDecoder" => new SuffixDecoder(section.Text("suffix")),
            "WordPiece" => new WordPieceDecoder(section.Text("prefix"), section.Flag("cleanup")),
            "CTC" => new CtcDecoder(section.Text("pad_token"), section.Text("word_delimiter_token"), section.Flag("cleanup")),
            "Replace" => new ReplaceDecoder(PatternReader.Read(section), section.Text("content")),
            "Fuse" => new FuseDecoder(),
            "Strip" => new StripDecoder(section.Character("content"), Count(section, "start"), Count(section, "stop")),
            var type => throw section.Error(TokenizerErrors.UnsupportedProcessor, $"The decoder {type} is unknown."),
        };
    }

    private static ByteLevelDecoder ReadByteLevel(JsonSection section)
    {
        // Both are the pre-tokenizer's, but a decoder without them is no ByteLevel.
        section.Flag("add_prefix_space");
        section.Flag("trim_offsets");
        return new ByteLevelDecoder();
    }

    private static int Count(JsonSection section, string name) => (int)Math.Min(section.Number(name), int.MaxValue);
}
