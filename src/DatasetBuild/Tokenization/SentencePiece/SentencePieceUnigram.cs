using System.Buffers;
using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// SentencePiece's Unigram: the spelling with the highest sum of scores, in single precision as the library sums them; of equal ones the one whose last piece
/// starts first. A user-defined piece always wins.
/// </summary>
internal sealed class SentencePieceUnigram : ISentencePieceModel
{
    private const float UnknownPenalty = 10;

    /// <summary>Words of fewer bytes need no memory but the stack.</summary>
    private const int ShortWord = 128;

    /// <summary>Longer ones are left to the text: rounding decides them, and their places would take much memory.</summary>
    private const int LongestWord = 1 << 16;

    private readonly TokenEnds _ends;
    private readonly UnigramSearch _search;
    private readonly double _largestScore;
    private readonly int _unknown;
    private readonly bool _byteFallback;

    public SentencePieceUnigram(SentencePieceFile model, ImageReader? image = null)
    {
        var lowest = float.MaxValue;
        var highest = 1.17549435e-38f;
        var scores = new double[model.Pieces.Count];
        _byteFallback = model.ByteFallback;
        var found = new List<(int Id, byte[] Utf8)>();
        foreach (var (id, (text, score, kind)) in model.Pieces.Index())
        {
            scores[id] = score;
            if (kind == PieceKind.Normal)
            {
                (lowest, highest) = (Math.Min(lowest, score), Math.Max(highest, score));
            }

            if (kind is PieceKind.Normal or PieceKind.UserDefined)
            {
                found.Add((id, System.Text.Encoding.UTF8.GetBytes(text)));
            }

            _unknown = kind == PieceKind.Unknown ? id : _unknown;
        }

        _ends = image is null ? new TokenEnds(found) : TokenEnds.Read(image, scores.Length, found);
        foreach (var (id, utf8) in found.Where(piece => model.Pieces[piece.Id].Kind == PieceKind.UserDefined))
        {
            scores[id] = (utf8.Length * highest) - 0.1;
        }

        var unknownScore = lowest - UnknownPenalty;
        _largestScore = found.Aggregate(Math.Abs((double)unknownScore), (largest, piece) => Math.Max(largest, Math.Abs(scores[piece.Id])));
        _search = new UnigramSearch(_ends, scores, unknownScore, _byteFallback);
        KeepsToWords = SentencePieceWords.KeepToWords([.. found.Select(piece => piece.Utf8)]);
    }

    public bool KeepsToWords { get; }

    public void Write(ImageWriter image) => _ends.Write(image);

    /// <remarks>As long as most records are: where texts are longer, rounding decides more words.</remarks>
    public int MostPieces => 4096;

    public void Split(ReadOnlySpan<byte> text, List<(int Id, TextRange Range)> pieces)
    {
        var rented = ArrayPool<RoundedPlace>.Shared.Rent(text.Length + 1);
        var places = rented.AsSpan(0, text.Length + 1);
        _search.FindBest(text, places);
        Collect<RoundedPlace>(places, pieces);
        ArrayPool<RoundedPlace>.Shared.Return(rented);
    }

    public int Count(ReadOnlySpan<byte> text)
    {
        var rented = ArrayPool<RoundedPlace>.Shared.Rent(text.Length + 1);
        var places = rented.AsSpan(0, text.Length + 1);
        _search.FindBest(text, places);
        var tokens = Tally<RoundedPlace>(places).Tokens;
        ArrayPool<RoundedPlace>.Shared.Return(rented);
        return tokens;
    }

    /// <remarks>
    /// Inside a text the sums start from that of all words before, and each addition rounds it. So the word is counted with sums that start from zero in double
    /// precision, and has that count where no rounding of single precision makes a way of another count the best one.
    /// </remarks>
    public WordCount CountWord(ReadOnlySpan<byte> word) => TakeWord<CountedPlace>(word, null);

    /// <remarks>The same, where rounding makes no other way the best one, whatever its count is.</remarks>
    public WordCount SplitWord(ReadOnlySpan<byte> word, List<(int Id, TextRange Range)> pieces) => TakeWord<SpelledPlace>(word, pieces);

    [SkipLocalsInit]
    private WordCount TakeWord<TPlace>(ReadOnlySpan<byte> word, List<(int Id, TextRange Range)>? pieces)
        where TPlace : unmanaged, IUnigramPlace<TPlace>, IHasMargin
    {
        if (word.Length > LongestWord)
        {
            return -1;
        }

        var rented = word.Length < ShortWord ? null : ArrayPool<TPlace>.Shared.Rent(word.Length + 1);
        Span<TPlace> places = rented is null ? stackalloc TPlace[ShortWord] : rented;
        places = places[..(word.Length + 1)];
        _search.FindBest(word, places);
        var tally = Tally<TPlace>(places);
        var margin = places[^1].Margin;
        if (pieces is not null)
        {
            Collect<TPlace>(places, pieces);
        }

        if (rented is not null)
        {
            ArrayPool<TPlace>.Shared.Return(rented);
        }

        var characters = Utf8Scalars.Count(word);
        var mostPieces = (LargestSum(margin, characters) / _largestScore) - characters;
        return new WordCount(tally.Tokens, tally.Pieces, (int)Math.Clamp(mostPieces, 0, int.MaxValue));
    }

    /// <summary>Appends the pieces of the best way to the end.</summary>
    private void Collect<TPlace>(ReadOnlySpan<TPlace> places, List<(int Id, TextRange Range)> pieces)
        where TPlace : struct, IUnigramPlace<TPlace>
    {
        var first = pieces.Count;
        for (var end = places.Length - 1; end > 0; end = places[end].Start)
        {
            pieces.Add((IdOf(places[end].Id), new TextRange(places[end].Start, end)));
        }

        pieces.Reverse(first, pieces.Count - first);
    }

    private int IdOf(int found) => found == UnigramSearch.Unknown ? _unknown : found;

    /// <summary>
    /// Up to which sum two sums that are apart by a margin stay so: each is rounded at most once a character, by at most 2^-24 of itself, perhaps in opposite directions.
    /// A hundredth is left for what double precision loses.
    /// </summary>
    private static double LargestSum(double margin, int characters) => 0.99 * margin / (2 * characters) * (1 << 24);

    private PieceTally Tally<TPlace>(ReadOnlySpan<TPlace> places)
        where TPlace : struct, IUnigramPlace<TPlace>
    {
        var tally = new PieceTally(_byteFallback);
        for (var end = places.Length - 1; end > 0; end = places[end].Start)
        {
            tally.Add(IdOf(places[end].Id) == _unknown, end - places[end].Start);
        }

        return tally;
    }

    /// <summary>With the sum as the library keeps it. It compares the sum of a piece before it rounds it, that of an unknown character afterwards.</summary>
    private struct RoundedPlace : IUnigramPlace<RoundedPlace>
    {
        private float _best;

        public int Start { get; private set; }

        public int Id { get; private set; }

        public void Clear() => (Start, Id, _best) = (-1, UnigramSearch.Unknown, 0);

        public void Offer(in RoundedPlace from, int start, int id, double score, int tokens)
        {
            var sum = score + from._best;
            if (Start < 0 || (id == UnigramSearch.Unknown ? (float)sum : sum) > _best)
            {
                (Start, Id, _best) = (start, id, (float)sum);
            }
        }
    }

    private interface IHasMargin
    {
        /// <summary>How much better the best way is than the best of those that matter beside it.</summary>
        double Margin { get; }
    }

    /// <summary>With the sum not rounded, and the best sum of any other way.</summary>
    private struct SpelledPlace : IUnigramPlace<SpelledPlace>, IHasMargin
    {
        private double _best;
        private double _other;

        public readonly double Margin => _best - _other;

        public int Start { get; private set; }

        public int Id { get; private set; }

        public void Clear() => (Start, Id, _best, _other) = (-1, UnigramSearch.Unknown, 0, double.NegativeInfinity);

        public void Offer(in SpelledPlace from, int start, int id, double score, int tokens)
        {
            var (sum, other) = (score + from._best, score + from._other);
            if (Start < 0)
            {
                (Start, Id, _best, _other) = (start, id, sum, other);
                return;
            }

            _other = Math.Max(Math.Max(other, _other), Math.Min(sum, _best));
            if (sum > _best)
            {
                (Start, Id, _best) = (start, id, sum);
            }
        }
    }

    /// <summary>With the sum not rounded; beside the best one the number of tokens of its way, and the best sum of a way that has another number.</summary>
    private struct CountedPlace : IUnigramPlace<CountedPlace>, IHasMargin
    {
        private double _best;
        private double _other;
        private int _tokens;

        public readonly double Margin => _best - _other;

        public int Start { get; private set; }

        public int Id { get; private set; }

        public void Clear() => (Start, Id, _best, _other, _tokens) = (-1, UnigramSearch.Unknown, 0, double.NegativeInfinity, 0);

        public void Offer(in CountedPlace from, int start, int id, double score, int tokens)
        {
            var (sum, other) = (score + from._best, score + from._other);
            tokens = from._tokens == UnigramSearch.NotKnown || tokens == UnigramSearch.NotKnown ? UnigramSearch.NotKnown : from._tokens + tokens;
            if (Start < 0)
            {
                (Start, Id, _best, _other, _tokens) = (start, id, sum, other, tokens);
                return;
            }

            other = Math.Max(other, _other);

            // No two ways are taken to have one number where it is not known.
            if (tokens != _tokens || tokens == UnigramSearch.NotKnown)
            {
                other = Math.Max(other, Math.Min(sum, _best));
            }

            _other = other;
            if (sum > _best)
            {
                (Start, Id, _best, _tokens) = (start, id, sum, tokens);
            }
        }
    }
}
