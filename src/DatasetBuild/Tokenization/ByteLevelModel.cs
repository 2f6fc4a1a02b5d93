namespace DatasetBuild.Tokenization;

/// <summary>The vocabulary and the merges of byte-level BPE: what takes the longest to read of a tokenizer file, and can be kept as it stands in memory.</summary>
/// <param name="tokens">The tokens by their bytes.</param>
/// <param name="others">Those that are not written in the alphabet of bytes.</param>
/// <param name="count">How many tokens there are.</param>
/// <param name="encoder">Merges bytes to these tokens.</param>
internal sealed class ByteLevelModel(TokenTable tokens, IReadOnlyDictionary<string, int> others, int count, BytePairEncoder encoder)
{
    // Reads differently where bytes stand in another order.
    private const int ImageMark = 0x01020304;

    public TokenTable Tokens { get; } = tokens;

    public int Count { get; } = count;

    public BytePairEncoder Encoder { get; } = encoder;

    public ByteLevelTexts Texts { get; } = new(tokens, others, count);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static ByteLevelModel Read(ImageReader image)
    {
        ImageReader.Expect(image.ReadNumber() == ImageMark);
        var tokens = TokenTable.Read(image);
        var count = image.ReadNumber();
        ImageReader.Expect((uint)count <= (uint)tokens.Size);
        var others = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var left = image.ReadNumber(); left > 0; left--)
        {
            var text = image.ReadText();
            var id = image.ReadNumber();
            ImageReader.Expect(tokens.Contains(id) && others.TryAdd(text, id));
        }

        var encoder = BytePairEncoder.Read(image, tokens);
        ImageReader.Expect(image.AtEnd);
        return new ByteLevelModel(tokens, others, count, encoder);
    }

    /// <summary>Writes the model as it stands in memory.</summary>
    public void Write(ImageWriter image)
    {
        image.Write(ImageMark);
        Tokens.Write(image);
        image.Write(Count);
        image.Write(others.Count);
        foreach (var (text, id) in others)
        {
            image.Write(text);
            image.Write(id);
        }

        Encoder.Write(image);
    }
}
