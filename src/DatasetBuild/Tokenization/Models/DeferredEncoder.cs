using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>
/// An encoder of characters that is made once it pays: when so much was counted without it that making it takes no longer. A small job does without.
/// Thread-safe.
/// </summary>
/// <param name="tokens">Tokens of the vocabulary, which making it goes through.</param>
/// <param name="make">Makes it, or returns null if there is none.</param>
internal sealed class DeferredEncoder(int tokens, Func<BytePairEncoder?> make)
{
    /// <summary>Bytes that are counted without it in about the time that one token takes to make.</summary>
    private const int BytesAToken = 8;

    private readonly Lazy<BytePairEncoder?> _encoder = new(make);
    private long _counted;

    /// <summary>One that is there already.</summary>
    private DeferredEncoder(BytePairEncoder? encoder)
        : this(0, () => encoder)
    {
    }

    /// <summary>The encoder, or null if there is none.</summary>
    public BytePairEncoder? Value => _encoder.Value;

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static DeferredEncoder Read(ImageReader image) =>
        new(image.ReadNumber() != 0 ? BytePairEncoder.Read(image, TokenTable.Read(image), ofCharacters: true) : null);

    /// <summary>Makes the encoder, and writes it if there is one.</summary>
    public void Write(ImageWriter image)
    {
        image.Write(Value is null ? 0 : 1);
        Value?.Tokens.Write(image);
        Value?.Write(image);
    }

    /// <summary>The number of tokens of a piece, which is not empty; or -1 if it has to be counted in another way.</summary>
    public int TryCount(ReadOnlySpan<byte> piece) => For(piece)?.Count(piece) ?? -1;

    /// <summary>Appends the tokens of a piece, which is not empty, with their places in it; or nothing if it has to be encoded in another way.</summary>
    public bool TryEncode(ReadOnlySpan<byte> piece, List<PieceToken> tokens)
    {
        if (For(piece) is not { } encoder)
        {
            return false;
        }

        var ids = ArrayPool<int>.Shared.Rent(piece.Length);
        var count = encoder.Encode(piece, ids);
        var start = 0;
        for (var i = 0; i < count; i++)
        {
            var end = start + encoder.Tokens.Length(ids[i]);
            tokens.Add(new PieceToken(ids[i], start, end));
            start = end;
        }

        ArrayPool<int>.Shared.Return(ids);
        return count >= 0;
    }

    private BytePairEncoder? For(ReadOnlySpan<byte> piece) =>
        _encoder.IsValueCreated || Interlocked.Add(ref _counted, piece.Length) > (long)BytesAToken * tokens ? _encoder.Value : null;
}
