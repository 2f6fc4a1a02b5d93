using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Byte pair encoding of one piece: starts from single bytes and merges the neighbouring pair of lowest rank, the leftmost of equals,
/// until no pair may be merged. Short pieces scan for the lowest rank; long ones keep the pairs in a heap, so that a megabyte of one
/// letter costs n log n.
/// </summary>
internal sealed class BytePairEncoder
{
    /// <summary>Pieces up to this many bytes are merged by scanning, which is faster for words and quadratic for more.</summary>
    private const int ShortPiece = 96;

    private readonly TokenTable _tokens;
    private readonly MergeTable _merges;
    private readonly int[] _byteTokens = new int[256];
    private readonly bool[] _whole;

    /// <param name="tokens">The vocabulary, which must hold all 256 single bytes.</param>
    /// <param name="merges">Merges between tokens of the vocabulary.</param>
    /// <param name="wholePieces">Whether a piece that is a token is that token, even where the merges would not lead to it.</param>
    public BytePairEncoder(TokenTable tokens, MergeTable merges, bool wholePieces)
    {
        _tokens = tokens;
        _merges = merges;
        for (var b = 0; b < 256; b++)
        {
            _byteTokens[b] = tokens.Find([(byte)b]);
        }

        // A piece that the merges turn into one token may be looked up at once, which most words are.
        _whole = new bool[tokens.Size];
        for (var id = 0; id < tokens.Size; id++)
        {
            _whole[id] = tokens.Contains(id) && tokens.Find(tokens.Bytes(id)) == id && (wholePieces || MergesTo(id));
        }
    }

    public int Count(ReadOnlySpan<byte> piece)
    {
        if (FindWhole(piece) >= 0)
        {
            return 1;
        }

        if (piece.Length <= ShortPiece)
        {
            return MergeShort(piece, stackalloc int[ShortPiece]);
        }

        var ids = ArrayPool<int>.Shared.Rent(piece.Length);
        var count = MergeLong(piece, ids);
        ArrayPool<int>.Shared.Return(ids);
        return count;
    }

    /// <summary>Appends the tokens of the piece, which starts at byte <paramref name="offset"/> of the text.</summary>
    public void Encode(ReadOnlySpan<byte> piece, int offset, List<FoundPiece> tokens)
    {
        if (FindWhole(piece) is >= 0 and var whole)
        {
            tokens.Add(new FoundPiece(whole, offset, offset + piece.Length));
            return;
        }

        var rented = piece.Length <= ShortPiece ? null : ArrayPool<int>.Shared.Rent(piece.Length);
        Span<int> ids = rented is null ? stackalloc int[ShortPiece] : rented;
        var count = rented is null ? MergeShort(piece, ids) : MergeLong(piece, ids);
        foreach (var id in ids[..count])
        {
            var end = offset + _tokens.Length(id);
            tokens.Add(new FoundPiece(id, offset, end));
            offset = end;
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>Merges by scanning for the lowest rank; leaves the tokens in <paramref name="ids"/> and returns their number.</summary>
    internal int MergeShort(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        var count = piece.Length;
        Span<int> ranks = count <= ShortPiece ? stackalloc int[ShortPiece] : new int[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = _byteTokens[piece[i]];
        }

        for (var i = 0; i < count - 1; i++)
        {
            ranks[i] = _merges.Rank(ids[i], ids[i + 1], out _);
        }

        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i < count - 1; i++)
            {
                best = ranks[i] < ranks[best] ? i : best;
            }

            if (ranks[best] == MergeTable.None)
            {
                break;
            }

            _merges.Rank(ids[best], ids[best + 1], out ids[best]);
            count--;
            ids[(best + 2)..(count + 1)].CopyTo(ids[(best + 1)..]);
            if (best < count - 1)
            {
                ranks[(best + 1)..count].CopyTo(ranks[best..]);
                ranks[best] = _merges.Rank(ids[best], ids[best + 1], out _);
            }

            if (best > 0)
            {
                ranks[best - 1] = _merges.Rank(ids[best - 1], ids[best], out _);
            }
        }

        return count;
    }

    /// <summary>Merges with a heap of pairs over a linked list of tokens; same result as <see cref="MergeShort"/>.</summary>
    internal int MergeLong(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        using var list = new PairHeap(piece.Length);
        for (var i = 0; i < piece.Length; i++)
        {
            ids[i] = _byteTokens[piece[i]];
        }

        var pairs = new MergedTokens(_merges, ids);
        list.MergeAll(ref pairs);
        var count = 0;
        for (var i = 0; i >= 0 && i < piece.Length; i = list.Next(i))
        {
            ids[count++] = ids[i];
        }

        return count;
    }

    private int FindWhole(ReadOnlySpan<byte> piece) => _tokens.Find(piece) is >= 0 and var id && _whole[id] ? id : -1;

    private bool MergesTo(int id)
    {
        var bytes = _tokens.Bytes(id);
        var ids = new int[bytes.Length];
        return (bytes.Length <= ShortPiece ? MergeShort(bytes, ids) : MergeLong(bytes, ids)) == 1 && ids[0] == id;
    }
}
