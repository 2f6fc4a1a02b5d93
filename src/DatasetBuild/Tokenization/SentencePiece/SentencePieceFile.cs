using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>What a SentencePiece model's file says, as far as it matters for encoding and decoding.</summary>
internal sealed record SentencePieceFile
{
    private const int ImageMark = 0x05020304;

    public List<(string Text, float Score, PieceKind Kind)> Pieces { get; } = [];

    public SentencePieceModelType ModelType { get; set; } = SentencePieceModelType.Unigram;

    public bool ByteFallback { get; set; }

    public bool WhiteSpaceAsSuffix { get; set; }

    /// <summary>What the unknown token is decoded to.</summary>
    public string UnknownSurface { get; set; } = " \u2047 ";

    public CharacterMap? Map { get; set; }

    public bool AddDummyPrefix { get; set; } = true;

    public bool RemoveExtraWhiteSpace { get; set; } = true;

    public bool EscapeWhiteSpace { get; set; } = true;

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static SentencePieceFile Read(ImageReader image)
    {
        ImageReader.Expect(image.ReadNumber() == ImageMark);
        var (type, flags) = ((SentencePieceModelType)image.ReadNumber(), image.ReadNumber());
        ImageReader.Expect(type is SentencePieceModelType.Unigram or SentencePieceModelType.Bpe);
        var file = new SentencePieceFile
        {
            ModelType = type, ByteFallback = (flags & 1) != 0, WhiteSpaceAsSuffix = (flags & 2) != 0, AddDummyPrefix = (flags & 4) != 0, RemoveExtraWhiteSpace = (flags & 8) != 0,
            EscapeWhiteSpace = (flags & 16) != 0, UnknownSurface = image.ReadText(),
        };
        file.Map = (flags & 32) != 0 ? CharacterMap.Read(image) : null;
        var (texts, ends, scores, kinds) = (image.ReadBytes(), image.ReadInts(), image.ReadInts(), image.ReadBytes());
        ImageReader.Expect(ends.Length == scores.Length && ends.Length == kinds.Length);
        var (start, unknown) = (0, 0);
        for (var id = 0; id < ends.Length; id++)
        {
            var kind = (PieceKind)kinds[id];
            ImageReader.Expect(ends[id] > start && ends[id] <= texts.Length && kind is >= PieceKind.Normal and <= PieceKind.Byte && float.IsFinite(BitConverter.Int32BitsToSingle(scores[id])));
            file.Pieces.Add((Encoding.UTF8.GetString(texts, start, ends[id] - start), BitConverter.Int32BitsToSingle(scores[id]), kind));
            unknown += kind == PieceKind.Unknown ? 1 : 0;
            start = ends[id];
        }

        ImageReader.Expect(unknown == 1);
        return file;
    }

    /// <summary>Writes what was read of the file.</summary>
    public void Write(ImageWriter image)
    {
        image.Write(ImageMark);
        image.Write((int)ModelType);
        image.Write((ByteFallback ? 1 : 0) | (WhiteSpaceAsSuffix ? 2 : 0) | (AddDummyPrefix ? 4 : 0) | (RemoveExtraWhiteSpace ? 8 : 0) | (EscapeWhiteSpace ? 16 : 0) | (Map is null ? 0 : 32));
        image.Write(UnknownSurface);
        Map?.Write(image);
        var texts = new List<byte>();
        var (ends, scores, kinds) = (new int[Pieces.Count], new int[Pieces.Count], new byte[Pieces.Count]);
        foreach (var (id, (text, score, kind)) in Pieces.Index())
        {
            texts.AddRange(Encoding.UTF8.GetBytes(text));
            (ends[id], scores[id], kinds[id]) = (texts.Count, BitConverter.SingleToInt32Bits(score), (byte)kind);
        }

        image.Write<byte>(texts.ToArray());
        image.Write<int>(ends);
        image.Write<int>(scores);
        image.Write<byte>(kinds);
    }
}

/// <summary>The types of models, with the numbers of their files.</summary>
internal enum SentencePieceModelType
{
    Unigram = 1,
    Bpe = 2,
    Word = 3,
    Char = 4,
}
