namespace DatasetBuild.Tokenization;

/// <summary>
/// Byte pair encoding as it is defined: starts from single bytes, or from characters, and merges the neighbouring pair of lowest rank, the leftmost of
/// equals, until no pair may be merged. Short pieces scan for the lowest rank; long ones keep the pairs in a heap, so that a megabyte of one
/// letter costs n log n.
/// </summary>
internal sealed class BytePairMerger
{
    /// <summary>Pieces up to this many bytes are merged by scanning, which is faster for words and quadratic for more.</summary>
    public const int ShortPiece = 96;

    private readonly TokenTable _tokens;
    private readonly MergeTable _merges;
    private readonly bool _ofCharacters;
    private readonly int[] _byteTokens = new int[256];

    /// <param name="tokens">The vocabulary, which must hold all 256 single bytes if it is one of bytes.</param>
    /// <param name="merges">Merges between tokens of the vocabulary.</param>
    /// <param name="ofCharacters">Whether texts are merged from their characters on, not from their bytes.</param>
    public BytePairMerger(TokenTable tokens, MergeTable merges, bool ofCharacters = false)
    {
        (_tokens, _merges, _ofCharacters) = (tokens, merges, ofCharacters);
        for (var b = 0; b < 256; b++)
        {
            _byteTokens[b] = tokens.Find([(byte)b]);
        }
    }

    /// <summary>Merges the bytes or characters of a piece.</summary>
    /// <param name="piece">Bytes; valid UTF-8 if it is merged from characters.</param>
    /// <param name="ids">Room for one token a byte; receives the tokens.</param>
    /// <param name="last">The tokens that were merged last, and the rank of that merge; -1 where none was.</param>
    /// <returns>The number of tokens, or -1 if a character is none.</returns>
    public int Merge(ReadOnlySpan<byte> piece, Span<int> ids, out (int Left, int Right, int Rank) last) =>
        piece.Length <= ShortPiece ? MergeShort(piece, ids, out last) : MergeLong(piece, ids, out last);

    /// <summary>Merges by scanning for the lowest rank.</summary>
    public int MergeShort(ReadOnlySpan<byte> piece, Span<int> ids, out (int Left, int Right, int Rank) last)
    {
        last = (-1, -1, -1);
        var count = Start(piece, ids);
        return count < 0 ? -1 : MergeShort(_merges, ids[..count], [], out last);
    }

    /// <summary>Merges tokens in their place, and returns how many are left.</summary>
    /// <param name="merges">The merges.</param>
    /// <param name="ids">The tokens.</param>
    /// <param name="lengths">The bytes that each token stands for, which are added up where tokens are merged; or nothing.</param>
    /// <param name="last">As for a piece.</param>
    public static int MergeShort(MergeTable merges, Span<int> ids, Span<int> lengths, out (int Left, int Right, int Rank) last)
    {
        var count = ids.Length;
        last = (-1, -1, -1);
        Span<int> ranks = count <= ShortPiece ? stackalloc int[ShortPiece] : new int[count];
        for (var i = 0; i < count - 1; i++)
        {
            ranks[i] = merges.Rank(ids[i], ids[i + 1], out _);
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

            last = (ids[best], ids[best + 1], ranks[best]);
            merges.Rank(ids[best], ids[best + 1], out ids[best]);
            count--;
            ids[(best + 2)..(count + 1)].CopyTo(ids[(best + 1)..]);
            if (!lengths.IsEmpty)
            {
                lengths[best] += lengths[best + 1];
                lengths[(best + 2)..(count + 1)].CopyTo(lengths[(best + 1)..]);
            }

            if (best < count - 1)
            {
                ranks[(best + 1)..count].CopyTo(ranks[best..]);
                ranks[best] = merges.Rank(ids[best], ids[best + 1], out _);
            }

            if (best > 0)
            {
                ranks[best - 1] = merges.Rank(ids[best - 1], ids[best], out _);
            }
        }

        return count;
    }

    /// <summary>Merges with a heap of pairs over a linked list of tokens; same result as by scanning.</summary>
    public int MergeLong(ReadOnlySpan<byte> piece, Span<int> ids, out (int Left, int Right, int Rank) last)
    {
        last = (-1, -1, -1);
        var start = Start(piece, ids);
        if (start <= 0)
        {
            return start;
        }

        using var list = new PairHeap(start);
        var pairs = new MergedTokens(_merges, ids);
        list.MergeAll(ref pairs);
        last = pairs.Last;
        var count = 0;
        for (var i = 0; i >= 0; i = list.Next(i))
        {
            ids[count++] = ids[i];
        }

        return count;
    }

    /// <summary>Writes the tokens that are merged, and returns their number, or -1 if a character is none.</summary>
    private int Start(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        var count = 0;
        for (var i = 0; i < piece.Length; count++)
        {
            var length = _ofCharacters ? Utf8Scalars.Length(piece[i]) : 1;
            ids[count] = length == 1 ? _byteTokens[piece[i]] : _tokens.Find(piece.Slice(i, length));
            if (ids[count] < 0)
            {
                return -1;
            }

            i += length;
        }

        return count;
    }
}
