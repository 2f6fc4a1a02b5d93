using System.Buffers;
using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Unigram: the spelling of a piece with the highest sum of scores; of equal ones the one whose last token starts first. A character without a token of
/// its own may be unknown at ten below the lowest score; neighbouring unknowns are one token.
/// </summary>
internal sealed class UnigramModel : ITokenModel
{
    private const int ImageMark = 0x03020304;

    private const double UnknownPenalty = 10;

    /// <summary>Pieces of fewer bytes need no memory but the stack.</summary>
    private const int ShortPiece = 256;

    private readonly TokenEnds _ends;
    private readonly double[] _scores;
    private readonly UnigramSearch _search;
    private readonly int _unknown;
    private readonly ByteTokens? _bytes;

    /// <param name="vocabulary">Tokens whose ids are their places in <paramref name="scores"/>.</param>
    /// <param name="scores">Logarithms of probabilities.</param>
    /// <param name="unknown">The id of the unknown token, or -1.</param>
    /// <param name="byteFallback">Whether what is unknown is spelled in bytes, where all of them have tokens.</param>
    public UnigramModel(Vocabulary vocabulary, double[] scores, int unknown, bool byteFallback)
        : this(vocabulary, scores, unknown, byteFallback, new TokenEnds(NotEmpty(vocabulary)))
    {
    }

    private UnigramModel(Vocabulary vocabulary, double[] scores, int unknown, bool byteFallback, TokenEnds ends)
    {
        Vocabulary = vocabulary;
        _ends = ends;
        _scores = scores;
        _unknown = unknown;
        _search = new UnigramSearch(ends, scores, scores.Length == 0 ? double.PositiveInfinity : scores.Min() - UnknownPenalty, byteFallback: false);
        _bytes = byteFallback ? new ByteTokens(vocabulary) : null;
    }

    public Vocabulary Vocabulary { get; }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static UnigramModel Read(ImageReader image, int unknown, bool byteFallback)
    {
        ImageReader.Expect(image.ReadNumber() == ImageMark);
        var vocabulary = Vocabulary.Read(image);
        var scores = image.ReadDoubles();
        ImageReader.Expect(scores.Length == vocabulary.Size);
        var ends = TokenEnds.Read(image, vocabulary.Size, NotEmpty(vocabulary));
        ImageReader.Expect(image.AtEnd);
        return new UnigramModel(vocabulary, scores, unknown, byteFallback, ends);
    }

    /// <summary>Writes the model as it stands in memory.</summary>
    public void Write(ImageWriter image)
    {
        image.Write(ImageMark);
        Vocabulary.Write(image);
        image.Write<double>(_scores);
        _ends.Write(image);
    }

    private static IEnumerable<(int Id, byte[] Bytes)> NotEmpty(Vocabulary vocabulary) => vocabulary.Tokens().Where(token => token.Utf8.Length > 0).Select(token => (token.Id, token.Utf8));

    public int Count(ReadOnlySpan<byte> piece) => Walk(piece, null);

    public void Encode(ReadOnlySpan<byte> piece, List<PieceToken> tokens) => Walk(piece, tokens);

    [SkipLocalsInit]
    private int Walk(ReadOnlySpan<byte> piece, List<PieceToken>? tokens)
    {
        var rented = piece.Length < ShortPiece ? null : ArrayPool<Place>.Shared.Rent(piece.Length + 1);
        Span<Place> places = rented is null ? stackalloc Place[ShortPiece] : rented;
        places = places[..(piece.Length + 1)];
        try
        {
            var unknown = _search.FindBest(piece, places);
            if (unknown >= 0 && _unknown < 0)
            {
                throw NoToken.For(piece.Slice(unknown, Utf8Scalars.Length(piece[unknown])), null);
            }

            return tokens is null && CountKnown(places) is >= 0 and var count ? count : Spell(piece, Join(places), tokens);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<Place>.Shared.Return(rented);
            }
        }
    }

    /// <summary>The number of tokens on the best way, or -1 where something is unknown on it.</summary>
    private int CountKnown(ReadOnlySpan<Place> places)
    {
        var count = 0;
        for (var end = places.Length - 1; end > 0; end = places[end].Start)
        {
            var id = places[end].Id;
            if (id == UnigramSearch.Unknown || id == _unknown)
            {
                return -1;
            }

            count++;
        }

        return count;
    }

    /// <summary>Turns the ways into the list of tokens on the best one.</summary>
    private ReadOnlySpan<Place> Join(Span<Place> places)
    {
        // Backwards from the end, the list grows from the back, where the ways are not needed any more.
        var first = places.Length;
        for (int end = places.Length - 1, start; end > 0; end = start)
        {
            var id = places[end].Id == UnigramSearch.Unknown ? _unknown : places[end].Id;
            start = places[end].Start;
            first -= first < places.Length && id == _unknown && places[first].Id == _unknown ? 0 : 1;
            places[first] = new Place(0, start, id);
        }

        return places[first..];
    }

    private int Spell(ReadOnlySpan<byte> piece, ReadOnlySpan<Place> joined, List<PieceToken>? tokens)
    {
        var total = 0;
        for (var i = 0; i < joined.Length; i++)
        {
            var token = joined[i];
            var (start, end) = (token.Start, i + 1 < joined.Length ? joined[i + 1].Start : piece.Length);
            var text = piece[start..end];
            // Unknown characters side by side may together be a token.
            var id = token.Id == _unknown ? Vocabulary.Find(text) : token.Id;
            if (id < 0 && _bytes is not null && _bytes.Covers(text))
            {
                foreach (var b in text)
                {
                    tokens?.Add(new PieceToken(_bytes[b], start, end));
                }

                total += text.Length;
                continue;
            }

            id = id >= 0 ? id : _unknown >= 0 ? _unknown : throw NoToken.For(text, null);
            tokens?.Add(new PieceToken(id, start, end, Literal: true));
            total++;
        }

        return total;
    }

    /// <summary>A place in a piece, with the last token of the best way to it and the sum of the scores on that way.</summary>
    private struct Place(double sum, int start, int id) : IUnigramPlace<Place>
    {
        private double _sum = sum;

        public int Start { get; private set; } = start;

        public int Id { get; private set; } = id;

        public void Clear() => (_sum, Start, Id) = (0, -1, UnigramSearch.Unknown);

        public void Offer(in Place from, int start, int id, double score, int tokens)
        {
            var sum = from._sum + score;
            if (Start < 0 || sum > _sum)
            {
                (_sum, Start, Id) = (sum, start, id);
            }
        }
    }
}
