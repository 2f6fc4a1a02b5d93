using System.Buffers;
using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Byte pair encoding of one piece. What the merges make of a text is the only sequence of tokens in which any two neighbours are what the
/// merges make of these two alone, so it is found from left to right: the longest token that fits to the one before it, and back where
/// none fits. That takes one look at most for each token that starts at each byte. It starts from bytes, or from characters: then there is nothing to
/// be said of a piece with a character that is no token. Vocabularies whose tokens are made by
/// merges of falling ranks are merged as it is defined (<see cref="BytePairMerger"/>); trained ones are not of that kind.
/// </summary>
internal sealed class BytePairEncoder : IPieceCounter, IWordEncoder
{
    /// <summary>Pieces up to this many bytes need no memory but the stack.</summary>
    private const int ShortPiece = 255;

    private readonly TokenTable _tokens;
    private readonly MergeTable _merges;
    private readonly BytePairMerger _merger;
    private readonly TokenShape[] _shapes;
    private readonly TokenPrefixes? _prefixes;
    private readonly bool _wholePieces;
    private readonly bool _hasUnreached;

    /// <param name="tokens">The vocabulary, which must hold all 256 single bytes if it is one of bytes.</param>
    /// <param name="merges">Merges between tokens of the vocabulary.</param>
    /// <param name="wholePieces">Whether a piece that is a token is that token, even where the merges would not lead to it.</param>
    /// <param name="ofCharacters">Whether texts are merged from their characters on, not from their bytes.</param>
    public BytePairEncoder(TokenTable tokens, MergeTable merges, bool wholePieces, bool ofCharacters = false)
    {
        _tokens = tokens;
        _merges = merges;
        _wholePieces = wholePieces;
        _merger = new BytePairMerger(tokens, merges, ofCharacters);
        merges.Trim();
        _shapes = TokenShapes.Find(tokens, _merger, out var ascending);
        _hasUnreached = wholePieces && Enumerable.Range(0, tokens.Size).Any(id => _shapes[id].Length == 0 && tokens.Contains(id) && tokens.Find(tokens.Bytes(id)) == id);
        _prefixes = ascending ? TokenPrefixesBuilder.Build(tokens, _shapes) : null;
    }

    private BytePairEncoder(TokenTable tokens, MergeTable merges, TokenShape[] shapes, TokenPrefixes? prefixes, bool wholePieces, bool hasUnreached, bool ofCharacters)
    {
        (_tokens, _merges, _shapes, _prefixes) = (tokens, merges, shapes, prefixes);
        (_wholePieces, _hasUnreached) = (wholePieces, hasUnreached);
        _merger = new BytePairMerger(tokens, merges, ofCharacters);
    }

    public TokenTable Tokens => _tokens;

    public MergeTable Merges => _merges;

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static BytePairEncoder Read(ImageReader image, TokenTable tokens, bool ofCharacters = false)
    {
        var flags = image.ReadNumber();
        var merges = MergeTable.Read(image, tokens.Size);
        var shapes = TokenShapes.Read(image);
        ImageReader.Expect(shapes.Length == tokens.Size);
        var prefixes = (flags & 4) != 0 ? TokenPrefixes.Read(image, token => (uint)token < (uint)shapes.Length && shapes[token].Length > 0) : null;
        return new BytePairEncoder(tokens, merges, shapes, prefixes, (flags & 1) != 0, (flags & 2) != 0, ofCharacters);
    }

    public void Write(ImageWriter image)
    {
        image.Write((_wholePieces ? 1 : 0) | (_hasUnreached ? 2 : 0) | (_prefixes is null ? 0 : 4));
        _merges.Write(image);
        image.Write<TokenShape>(_shapes);
        _prefixes?.Write(image);
    }

    /// <summary>The number of tokens of a piece, which is not empty; or -1 if a character of it is no token.</summary>
    [SkipLocalsInit]
    public int Count(ReadOnlySpan<byte> piece)
    {
        if (piece.Length <= ShortPiece)
        {
            return Encode(piece, stackalloc int[ShortPiece]);
        }

        var ids = ArrayPool<int>.Shared.Rent(piece.Length);
        var count = Encode(piece, ids);
        ArrayPool<int>.Shared.Return(ids);
        return count;
    }

    /// <summary>Appends the tokens of a piece of a text, which has them wherever it stands.</summary>
    [SkipLocalsInit]
    public bool Encode(ReadOnlySpan<byte> text, TextRange word, List<Token> tokens)
    {
        var piece = text[word.Start..word.End];
        var rented = piece.Length <= ShortPiece ? null : ArrayPool<int>.Shared.Rent(piece.Length);
        Span<int> ids = rented is null ? stackalloc int[ShortPiece] : rented;
        var start = word.Start;
        foreach (var id in ids[..Encode(piece, ids)])
        {
            var end = start + _tokens.Length(id);
            tokens.Add(new Token(id, start, end));
            start = end;
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }

        return true;
    }

    /// <summary>Leaves the tokens of a piece, which is not empty, in <paramref name="ids"/>, which has room for one a byte; returns their number, or -1 if a character is no token.</summary>
    [SkipLocalsInit]
    public int Encode(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        if ((_hasUnreached || _prefixes is null) && FindWhole(piece) is >= 0 and var whole)
        {
            ids[0] = whole;
            return 1;
        }

        if (_prefixes is null)
        {
            return _merger.Merge(piece, ids, out _);
        }

        if (piece.Length <= ShortPiece)
        {
            Span<ulong> left = stackalloc ulong[(ShortPiece / 64) + 1];
            left.Clear();
            return Match(piece, ids, left, out _);
        }

        var length = (piece.Length / 64) + 1;
        var rented = ArrayPool<ulong>.Shared.Rent(length);
        rented.AsSpan(0, length).Clear();
        var count = Match(piece, ids, rented, out _);
        ArrayPool<ulong>.Shared.Return(rented);
        return count;
    }

    /// <summary>Finds the tokens of a piece from left to right.</summary>
    /// <param name="piece">Bytes, at least one.</param>
    /// <param name="ids">Room for one token a byte.</param>
    /// <param name="deadEnds">One bit for each byte and one more, all 0: the places where no way leads to the end.</param>
    /// <param name="steps">How many tokens were tried.</param>
    /// <returns>The number of tokens, or -1 if a character is none.</returns>
    internal int Match(ReadOnlySpan<byte> piece, Span<int> ids, Span<ulong> deadEnds, out long steps)
    {
        steps = 0;
        var candidate = _prefixes!.Longest(piece, out var length);
        if (length == piece.Length)
        {
            // Most words are one token. The rest of the vocabulary, too large for a core's cache, is not asked about them.
            steps = 1;
            ids[0] = candidate;
            return 1;
        }

        if (candidate < 0)
        {
            return -1;
        }

        var count = 0;
        var at = 0;
        var before = -1;
        while (true)
        {
            steps++;
            var end = at + length;
            if ((deadEnds[end >> 6] >> end & 1) == 0 && (before < 0 || AreNeighbours(before, candidate)))
            {
                ids[count++] = before = candidate;
                at = end;
                if (at == piece.Length)
                {
                    return count;
                }

                candidate = _prefixes.Longest(piece[at..], out length);
                if (candidate < 0)
                {
                    return -1;
                }

                continue;
            }

            candidate = _shapes[candidate].Shorter;
            while (candidate < 0)
            {
                deadEnds[at >> 6] |= 1UL << at;
                ref readonly var shape = ref _shapes[ids[--count]];
                at -= shape.Length;
                before = count > 0 ? ids[count - 1] : -1;
                candidate = shape.Shorter;
            }

            length = _shapes[candidate].Length;
        }
    }

    /// <summary>
    /// Whether the merges make just these two tokens of their bytes. Each is made by merges of rising ranks, so the merges of both are undone in
    /// reverse order, and at each step the pair that stands at the border must not have had its turn before.
    /// </summary>
    private bool AreNeighbours(int left, int right)
    {
        var limit = MergeTable.None;
        while (true)
        {
            if (_merges.Rank(left, right, out _) < limit)
            {
                return false;
            }

            ref readonly var leftShape = ref _shapes[left];
            ref readonly var rightShape = ref _shapes[right];
            if (leftShape.Rank > rightShape.Rank)
            {
                limit = leftShape.Rank;
                left = leftShape.Right;
            }
            else if (rightShape.Rank >= 0)
            {
                // Of equal ranks the leftmost has its turn first: the pair at the border stands left of this merge.
                limit = rightShape.Rank + 1;
                right = rightShape.Left;
            }
            else
            {
                return true;
            }
        }
    }

    private int FindWhole(ReadOnlySpan<byte> piece) =>
        _tokens.Find(piece) is >= 0 and var id && (_wholePieces || _shapes[id].Length > 0) ? id : -1;
}
