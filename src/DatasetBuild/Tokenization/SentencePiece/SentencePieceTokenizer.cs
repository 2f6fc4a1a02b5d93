using System.Runtime.CompilerServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// A SentencePiece model, Unigram or BPE, as its own library applies it. Control pieces in a text are plain text, and none are put around it: the file
/// does not say where.
/// </summary>
internal sealed class SentencePieceTokenizer : ITokenizer, IRemembersWords
{
    internal const string Mark = "\u2581";

    private readonly SentencePieceFile _file;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly ISentencePieceModel _model;
    private readonly SentencePieceWords? _words;
    private readonly PlacedPieces _placed;
    private readonly byte?[] _byteOf;

    /// <param name="file">What was read of the file.</param>
    /// <param name="identity">As for every tokenizer.</param>
    /// <param name="image">Where the model is kept, at its image; otherwise it is built.</param>
    public SentencePieceTokenizer(SentencePieceFile file, string identity, ImageReader? image = null)
    {
        _file = file;
        Identity = identity;
        var userDefined = new ByteTrie();
        var byteIds = new int[256];
        _byteOf = new byte?[file.Pieces.Count];
        foreach (var (id, (text, _, kind)) in file.Pieces.Index())
        {
            if (kind == PieceKind.UserDefined)
            {
                userDefined.Add(Encoding.UTF8.GetBytes(text), id);
            }
            else if (kind == PieceKind.Byte && ByteFallbackDecoder.TryReadByte(text, out var value))
            {
                _byteOf[id] = value;
                byteIds[value] = id;
            }
        }

        _normalizer = new SentencePieceNormalizer(file, userDefined);
        _model = file.ModelType == SentencePieceModelType.Bpe ? new SentencePieceBpe(file, userDefined, image) : new SentencePieceUnigram(file, image);
        _placed = new PlacedPieces(file, byteIds);
        _words = SentencePieceWords.MayCut(file, _model) ? new SentencePieceWords(_normalizer, new SentencePieceNormalizer(file with { AddDummyPrefix = true }, userDefined), _model, _placed) : null;
    }

    public string Identity { get; }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static SentencePieceTokenizer Read(ImageReader image, string identity)
    {
        var tokenizer = new SentencePieceTokenizer(SentencePieceFile.Read(image), identity, image);
        ImageReader.Expect(image.AtEnd);
        return tokenizer;
    }

    /// <summary>Writes what was read of the file, and the model as it stands in memory.</summary>
    public void Write(ImageWriter image)
    {
        _file.Write(image);
        _model.Write(image);
    }

    public void ForgetWords() => _words?.ForgetWords();

    public int VocabularySize => _file.Pieces.Count;

    public int Count(ReadOnlySpan<byte> utf8) =>
        _words?.TryCount(utf8, new TextRange(0, utf8.Length)) is >= 0 and var count ? count : CountWhole(utf8);

    public void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens)
    {
        if (_words?.TryEncode(utf8, new TextRange(0, utf8.Length), tokens) != true)
        {
            Encode(utf8, tokens, texts: null);
        }
    }

    public EncodedText EncodeText(string text, string? pair = null, bool addSpecialTokens = false) =>
        new([.. EncodeOne(text, 0), .. pair is null ? [] : EncodeOne(pair, 1)]);

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var text = new StringBuilder();
        var bytes = new List<byte>();
        var (atStart, sawMark) = (true, false);
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)_file.Pieces.Count)
            {
                continue;
            }

            if (_byteOf[id] is { } value)
            {
                bytes.Add(value);
                continue;
            }

            FlushBytes(bytes, text);
            atStart &= !sawMark && text.Length == 0;
            text.Append(Surface(id, atStart, skipSpecialTokens, out sawMark));
        }

        FlushBytes(bytes, text);
        return text.ToString();
    }

    public ReadOnlySpan<byte> Bytes(int id) =>
        (uint)id >= (uint)_file.Pieces.Count ? throw new ArgumentOutOfRangeException(nameof(id), id, "No token of the vocabulary has this id.")
        : _byteOf[id] is { } value ? new[] { value }
        : Encoding.UTF8.GetBytes(_file.Pieces[id].Text);

    // The mark before a text was put there by the normalizer.
    private string Surface(int id, bool atStart, bool skipSpecialTokens, out bool sawMark)
    {
        sawMark = false;
        var (text, _, kind) = _file.Pieces[id];
        if (kind is PieceKind.Control or PieceKind.Unknown)
        {
            return kind == PieceKind.Control || skipSpecialTokens ? "" : _file.UnknownSurface;
        }

        if (atStart && (_file.AddDummyPrefix || _file.RemoveExtraWhiteSpace) && text.StartsWith(Mark, StringComparison.Ordinal))
        {
            text = text[Mark.Length..];
            sawMark = !_file.RemoveExtraWhiteSpace;
        }

        return text.Replace(Mark, " ", StringComparison.Ordinal);
    }

    // What is no character becomes U+FFFD byte by byte.
    private static void FlushBytes(List<byte> bytes, StringBuilder text)
    {
        var rest = bytes.ToArray().AsSpan();
        while (!rest.IsEmpty)
        {
            var valid = Rune.DecodeFromUtf8(rest, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            text.Append(valid ? rune.ToString() : "\uFFFD");
            rest = rest[(valid ? length : 1)..];
        }

        bytes.Clear();
    }

    private List<EncodedToken> EncodeOne(string text, int typeId)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var places = new CodePointPlaces(utf8);
        var (tokens, texts) = (new List<Token>(), new List<string>());
        Encode(utf8, tokens, texts);
        return [.. tokens.Zip(texts, (token, text) =>
        {
            var (start, end) = places.Of(token.Start, token.End);
            return new EncodedToken(token.Id, text, start, end, typeId, IsSpecial: false);
        })];
    }

    /// <summary>Appends the tokens of a text, and where they are wanted the texts that they report.</summary>
    private void Encode(ReadOnlySpan<byte> utf8, List<Token> tokens, List<string>? texts)
    {
        var (bytes, places) = _normalizer.Normalize(utf8);
        var pieces = new List<(int Id, TextRange Range)>();
        _model.Split(bytes, pieces);
        _placed.Append(bytes, pieces, place => places[place], tokens, texts);
    }

    [SkipLocalsInit]
    private int CountWhole(ReadOnlySpan<byte> utf8)
    {
        if (_normalizer.Keeps(utf8))
        {
            using var kept = new JoinedBytes(_normalizer.Before, utf8, stackalloc byte[JoinedBytes.Room]);
            return _model.Count(kept.Bytes);
        }

        return _model.Count(_normalizer.Normalize(utf8).Bytes);
    }
}
