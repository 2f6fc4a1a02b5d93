using System.Text;
using System.Text.Unicode;

namespace DatasetBuild.Tokenization;

/// <summary>Reads a SentencePiece model (<c>tokenizer.model</c>, <c>*.spm</c>), which is a message of protocol buffers.</summary>
internal static class SentencePieceReader
{
    /// <summary>Longer than any piece of use by far; bounds the work on a text that is nearly one.</summary>
    private const int LongestPiece = 4096;

    /// <summary>Whether the file starts with a piece and its score, as all models do.</summary>
    public static bool Recognises(TokenizerFile file) =>
        file.Bytes is [0x0A, < 0x80, 0x0A, < 0x80, ..] && file.Bytes.Length > 4 + file.Bytes[3] && file.Bytes[4 + file.Bytes[3]] == 0x15;

    public static ITokenizer Read(TokenizerFile file, IKeptModels? kept)
    {
        var identity = $"sentencepiece/1 sha256={file.Digest}";
        var tokenizer = kept?.Find(file, image => SentencePieceTokenizer.Read(image, identity));
        if (tokenizer is null)
        {
            file.RefuseOutline();
            tokenizer = new SentencePieceTokenizer(ReadFile(file), identity);
            kept?.Keep(file, tokenizer.Write);
        }

        kept?.KeepOutline(file, () => FirstPiece(file));
        return tokenizer;
    }

    /// <summary>As much of a file as tells what it is.</summary>
    private static byte[] FirstPiece(TokenizerFile file) => file.Bytes[..(2 + file.Bytes[1])];

    private static SentencePieceFile ReadFile(TokenizerFile file)
    {
        var model = new SentencePieceFile();
        var reader = new ProtobufReader(file, new TextRange(0, file.Bytes.Length));
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    model.Pieces.Add(ReadPiece(file, reader.Content));
                    break;
                case 2:
                    ReadTrainer(file, reader.Content, model);
                    break;
                case 3:
                    ReadNormalizer(file, reader.Content, model);
                    break;
                default:
                    // Self-tests and the rules of a denormalizer have no part in encoding.
                    break;
            }
        }

        Check(file, model);
        return model;
    }

    private static (string Text, float Score, PieceKind Kind) ReadPiece(TokenizerFile file, TextRange content)
    {
        var (text, score, kind) = ("", 0f, PieceKind.Normal);
        var reader = new ProtobufReader(file, content);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    text = Text(reader);
                    break;
                case 2:
                    score = float.IsFinite(reader.Float) ? reader.Float : throw reader.Damaged();
                    break;
                case 3:
                    kind = reader.Value is >= (int)PieceKind.Normal and <= (int)PieceKind.Byte ? (PieceKind)reader.Value : throw reader.Damaged();
                    break;
                default:
                    break;
            }
        }

        return text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= LongestPiece
            ? (text, score, kind)
            : throw file.Error(TokenizerErrors.InvalidSentencePiece, $"A piece is empty or has more than {LongestPiece} bytes. Is the file complete?");
    }

    private static void ReadTrainer(TokenizerFile file, TextRange content, SentencePieceFile model)
    {
        var reader = new ProtobufReader(file, content);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 3:
                    model.ModelType = (SentencePieceModelType)Math.Min(reader.Value, int.MaxValue);
                    break;
                case 24:
                    model.WhiteSpaceAsSuffix = reader.Flag;
                    break;
                case 35:
                    model.ByteFallback = reader.Flag;
                    break;
                case 44:
                    model.UnknownSurface = Text(reader);
                    break;
                default:
                    // How the model was trained.
                    break;
            }
        }
    }

    private static void ReadNormalizer(TokenizerFile file, TextRange content, SentencePieceFile model)
    {
        var reader = new ProtobufReader(file, content);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 2 when reader.Bytes.Length > 0:
                    model.Map = CharacterMap.Read(reader.Bytes)
                        ?? throw file.Error(TokenizerErrors.InvalidSentencePiece, "The character map of the SentencePiece model is damaged. Is the file complete?");
                    break;
                case 3:
                    model.AddDummyPrefix = reader.Flag;
                    break;
                case 4:
                    model.RemoveExtraWhiteSpace = reader.Flag;
                    break;
                case 5:
                    model.EscapeWhiteSpace = reader.Flag;
                    break;
                default:
                    break;
            }
        }
    }

    private static void Check(TokenizerFile file, SentencePieceFile model)
    {
        if (model.ModelType is not (SentencePieceModelType.Unigram or SentencePieceModelType.Bpe))
        {
            throw file.Error(
                TokenizerErrors.InvalidSentencePiece, $"SentencePiece models of the type {model.ModelType} are not supported, only Unigram and Bpe.");
        }

        if (model.Pieces.GroupBy(piece => piece.Text, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
        {
            throw file.Error(TokenizerErrors.Duplicate, $"The piece '{twice.Key}' is given twice.");
        }

        if (model.Pieces.Count(piece => piece.Kind == PieceKind.Unknown) != 1)
        {
            throw file.Error(TokenizerErrors.InvalidSentencePiece, "A SentencePiece model has exactly one unknown piece. Is the file complete?");
        }

        var bytes = model.Pieces.Where(piece => piece.Kind == PieceKind.Byte).Select(piece => piece.Text).ToHashSet(StringComparer.Ordinal);
        if (model.ByteFallback && Enumerable.Range(0, 256).Any(b => !bytes.Contains($"<0x{b:X2}>")))
        {
            throw file.Error(TokenizerErrors.InvalidSentencePiece, "The SentencePiece model spells unknown text in bytes, but not all 256 have a piece.");
        }
    }

    private static string Text(in ProtobufReader reader) => Utf8.IsValid(reader.Bytes) ? Encoding.UTF8.GetString(reader.Bytes) : throw reader.Damaged();
}
