using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Unigram: the spelling of a piece with the highest sum of scores; of equal ones the one whose last token starts first. A character without a token of
/// its own may be unknown at ten below the lowest score; neighbouring unknowns are one token.
/// </summary>
internal sealed class UnigramModel : ITokenModel
{
    private const double UnknownPenalty = 10;

    private readonly TokenStarts _starts;
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknown;
    private readonly ByteTokens? _bytes;

    /// <param name="vocabulary">Tokens whose ids are their places in <paramref name="scores"/>.</param>
    /// <param name="scores">Logarithms of probabilities.</param>
    /// <param name="unknown">The id of the unknown token, or -1.</param>
    /// <param name="byteFallback">Whether what is unknown is spelled in bytes, where all of them have tokens.</param>
    public UnigramModel(Vocabulary vocabulary, double[] scores, int unknown, bool byteFallback)
    {
        Vocabulary = vocabulary;
        _scores = scores;
        _unknown = unknown;
        _unknownScore = scores.Length == 0 ? double.PositiveInfinity : scores.Min() - UnknownPenalty;
        _bytes = byteFallback ? new ByteTokens(vocabulary) : null;
        _starts = new TokenStarts(vocabulary.Tokens().Where(token => token.Utf8.Length > 0).Select(token => (token.Id, token.Utf8)));
    }

    public Vocabulary Vocabulary { get; }

    public int Count(ReadOnlySpan<byte> piece) => Walk(piece, null);

    public void Encode(ReadOnlySpan<byte> piece, List<PieceToken> tokens) => Walk(piece, tokens);

    private int Walk(ReadOnlySpan<byte> piece, List<PieceToken>? tokens)
    {
        var starts = ArrayPool<int>.Shared.Rent(piece.Length + 1);
        var ids = ArrayPool<int>.Shared.Rent(piece.Length + 1);
        try
        {
            FindBest(piece, starts, ids);
            var count = Join(piece.Length, starts, ids);
            return Spell(piece, count, starts, ids, tokens);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(starts);
            ArrayPool<int>.Shared.Return(ids);
        }
    }

    /// <summary>For each place where the best way to it ends, the start and the id of its last token.</summary>
    private void FindBest(ReadOnlySpan<byte> piece, int[] starts, int[] ids)
    {
        var best = ArrayPool<double>.Shared.Rent(piece.Length + 1);
        starts.AsSpan(0, piece.Length + 1).Fill(-1);
        best[0] = 0;
        for (var start = 0; start < piece.Length;)
        {
            var length = Utf8Scalars.Length(piece[start]);
            var single = false;
            var node = TokenStarts.Root;
            for (var i = start; i < piece.Length && (node = _starts.Child(node, piece[i])) >= 0; i++)
            {
                if (_starts.Token(node) is >= 0 and var id)
                {
                    Offer(i + 1, id, _scores[id]);
                    single |= i + 1 - start == length;
                }
            }

            if (!single)
            {
                Offer(start + length, _unknown, _unknownScore);
                if (_unknown < 0 && starts[start + length] == start && ids[start + length] < 0)
                {
                    throw NoToken.For(piece.Slice(start, length), null);
                }
            }

            start += length;

            void Offer(int end, int id, double score)
            {
                if (starts[end] < 0 || best[start] + score > best[end])
                {
                    (best[end], starts[end], ids[end]) = (best[start] + score, start, id);
                }
            }
        }

        ArrayPool<double>.Shared.Return(best);
    }

    /// <summary>Turns the ways into the list of tokens: their ends in <paramref name="starts"/>, from the first one on. Returns their number.</summary>
    private int Join(int length, int[] starts, int[] ids)
    {
        // Backwards from the end, the list grows from the back of the arrays, where the ways are not needed any more.
        var first = length + 1;
        for (int end = length, start; end > 0; end = start)
        {
            start = starts[end];
            var id = ids[end];
            if (first <= length && id == _unknown && ids[first] == _unknown)
            {
                continue;
            }

            first--;
            (starts[first], ids[first]) = (end, id);
        }

        var count = length + 1 - first;
        starts.AsSpan(first, count).CopyTo(starts);
        ids.AsSpan(first, count).CopyTo(ids);
        return count;
    }

    private int Spell(ReadOnlySpan<byte> piece, int count, int[] ends, int[] ids, List<PieceToken>? tokens)
    {
        var total = 0;
        for (var (i, start) = (0, 0); i < count; start = ends[i++])
        {
            var text = piece[start..ends[i]];
            // Unknown characters side by side may together be a token.
            var id = ids[i] == _unknown ? Vocabulary.Find(text) : ids[i];
            if (id < 0 && _bytes is not null && _bytes.Covers(text))
            {
                foreach (var b in text)
                {
                    tokens?.Add(new PieceToken(_bytes[b], start, ends[i]));
                }

                total += text.Length;
                continue;
            }

            id = id >= 0 ? id : _unknown >= 0 ? _unknown : throw NoToken.For(text, null);
            tokens?.Add(new PieceToken(id, start, ends[i], Literal: true));
            total++;
        }

        return total;
    }
}
