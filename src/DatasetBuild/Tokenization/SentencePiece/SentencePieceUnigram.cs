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

    private readonly TokenStarts _starts;
    private readonly float[] _scores;
    private readonly bool[]? _isUserDefined;
    private readonly float _unknownScore;
    private readonly float _maxScore = 1.17549435e-38f;
    private readonly double _largestScore;
    private readonly int _unknown;
    private readonly bool _byteFallback;

    public SentencePieceUnigram(SentencePieceFile model, ImageReader? image = null)
    {
        var lowest = float.MaxValue;
        _scores = new float[model.Pieces.Count];
        _isUserDefined = model.Pieces.Exists(piece => piece.Kind == PieceKind.UserDefined) ? [.. model.Pieces.Select(piece => piece.Kind == PieceKind.UserDefined)] : null;
        _byteFallback = model.ByteFallback;
        var found = new List<(int Id, byte[] Utf8)>();
        foreach (var (id, (text, score, kind)) in model.Pieces.Index())
        {
            _scores[id] = score;
            if (kind == PieceKind.Normal)
            {
                (lowest, _maxScore) = (Math.Min(lowest, score), Math.Max(_maxScore, score));
            }

            if (kind is PieceKind.Normal or PieceKind.UserDefined)
            {
                found.Add((id, System.Text.Encoding.UTF8.GetBytes(text)));
            }

            _unknown = kind == PieceKind.Unknown ? id : _unknown;
        }

        _starts = image is null ? new TokenStarts(found) : TokenStarts.Read(image, _scores.Length, found);
        _unknownScore = lowest - UnknownPenalty;
        _largestScore = found.Aggregate(Math.Abs((double)_unknownScore), (largest, piece) => Math.Max(largest, Math.Abs(Score(piece.Id, piece.Utf8.Length))));
        KeepsToWords = SentencePieceWords.KeepToWords([.. found.Select(piece => piece.Utf8)]);
    }

    public bool KeepsToWords { get; }

    public void Write(ImageWriter image) => _starts.Write(image);

    /// <remarks>As long as most records are: where texts are longer, rounding decides more words.</remarks>
    public int MostPieces => 4096;

    public void Split(ReadOnlySpan<byte> text, List<(int Id, TextRange Range)> pieces)
    {
        var rented = ArrayPool<RoundedPlace>.Shared.Rent(text.Length + 1);
        var places = rented.AsSpan(0, text.Length + 1);
        FindBest(text, places);
        var first = pieces.Count;
        for (var end = text.Length; end > 0; end = places[end].Start)
        {
            pieces.Add((places[end].Id, new TextRange(places[end].Start, end)));
        }

        pieces.Reverse(first, pieces.Count - first);
        ArrayPool<RoundedPlace>.Shared.Return(rented);
    }

    public int Count(ReadOnlySpan<byte> text)
    {
        var rented = ArrayPool<RoundedPlace>.Shared.Rent(text.Length + 1);
        var places = rented.AsSpan(0, text.Length + 1);
        FindBest(text, places);
        var tokens = Tally(places).Tokens;
        ArrayPool<RoundedPlace>.Shared.Return(rented);
        return tokens;
    }

    /// <remarks>
    /// Inside a text the sums start from that of all words before, and each addition rounds it. So the word is counted with sums that start from zero in double
    /// precision, and has that count where no rounding of single precision makes a way of another count the best one.
    /// </remarks>
    [SkipLocalsInit]
    public WordCount CountWord(ReadOnlySpan<byte> word)
    {
        if (word.Length > LongestWord)
        {
            return -1;
        }

        var rented = word.Length < ShortWord ? null : ArrayPool<CountedPlace>.Shared.Rent(word.Length + 1);
        Span<CountedPlace> places = rented is null ? stackalloc CountedPlace[ShortWord] : rented;
        places = places[..(word.Length + 1)];
        FindBest(word, places);
        var tally = Tally(places);
        var margin = places[^1].Margin;
        if (rented is not null)
        {
            ArrayPool<CountedPlace>.Shared.Return(rented);
        }

        var characters = Utf8Scalars.Count(word);
        var mostPieces = (LargestSum(margin, characters) / _largestScore) - characters;
        return new WordCount(tally.Tokens, tally.Pieces, (int)Math.Clamp(mostPieces, 0, int.MaxValue));
    }

    /// <summary>
    /// Up to which sum two sums that are apart by a margin stay so: each is rounded at most once a character, by at most 2^-24 of itself, perhaps in opposite directions.
    /// A hundredth is left for what double precision loses.
    /// </summary>
    private static double LargestSum(double margin, int characters) => 0.99 * margin / (2 * characters) * (1 << 24);

    private double Score(int id, int bytes) => _isUserDefined is not null && _isUserDefined[id] ? (bytes * _maxScore) - 0.1 : _scores[id];

    private PieceTally Tally<TPlace>(ReadOnlySpan<TPlace> places)
        where TPlace : struct, IPlace<TPlace>
    {
        var tally = new PieceTally(_byteFallback);
        for (var end = places.Length - 1; end > 0; end = places[end].Start)
        {
            tally.Add(places[end].Id == _unknown, end - places[end].Start);
        }

        return tally;
    }

    /// <summary>Finds the best way to each place of a text, of which there is one more than it has bytes.</summary>
    private void FindBest<TPlace>(ReadOnlySpan<byte> text, Span<TPlace> places)
        where TPlace : struct, IPlace<TPlace>
    {
        places.Fill(TPlace.Empty);
        for (var start = 0; start < text.Length;)
        {
            var length = Utf8Scalars.Length(text[start]);
            var single = false;
            ref readonly var from = ref places[start];
            for (var pieces = _starts.All(text[start..]); pieces.MoveNext();)
            {
                var piece = pieces.Token;
                places[start + pieces.Length].Offer(in from, new Step(start, piece, Score(piece, pieces.Length), Tokens: 1, IsUnknown: false));
                single |= pieces.Length == length;
            }

            if (!single)
            {
                places[start + length].Offer(in from, new Step(start, _unknown, _unknownScore, _byteFallback ? length : Step.NotKnown, IsUnknown: true));
            }

            start += length;
        }
    }

    /// <summary>A piece on a way.</summary>
    /// <param name="Start">Where it starts.</param>
    /// <param name="Id">What it is.</param>
    /// <param name="Score">Its score.</param>
    /// <param name="Tokens">How many tokens it is. Of unknown characters without bytes that depends on what stands beside them.</param>
    /// <param name="IsUnknown">Whether it is an unknown character.</param>
    private readonly record struct Step(int Start, int Id, double Score, int Tokens, bool IsUnknown)
    {
        public const int NotKnown = int.MinValue;
    }

    /// <summary>A place in a text, and the best way to it so far.</summary>
    private interface IPlace<TSelf>
        where TSelf : struct, IPlace<TSelf>
    {
        /// <summary>A place to which no way leads but the empty one.</summary>
        static abstract TSelf Empty { get; }

        /// <summary>Where the last piece of the way starts, or -1.</summary>
        int Start { get; }

        /// <summary>The last piece of the way.</summary>
        int Id { get; }

        /// <summary>Offers a way that goes on from another place.</summary>
        void Offer(in TSelf from, in Step step);
    }

    /// <summary>With the sum as the library keeps it. It compares the sum of a piece before it rounds it, that of an unknown character afterwards.</summary>
    private struct RoundedPlace : IPlace<RoundedPlace>
    {
        private float _best;

        public static RoundedPlace Empty => new() { Start = -1 };

        public int Start { get; private set; }

        public int Id { get; private set; }

        public void Offer(in RoundedPlace from, in Step step)
        {
            var sum = step.Score + from._best;
            if (Start < 0 || (step.IsUnknown ? (float)sum : sum) > _best)
            {
                (Start, Id, _best) = (step.Start, step.Id, (float)sum);
            }
        }
    }

    /// <summary>With the sum not rounded; beside the best one the number of tokens of its way, and the best sum of a way that has another number.</summary>
    private struct CountedPlace : IPlace<CountedPlace>
    {
        private double _best;
        private double _other;
        private int _tokens;

        public static CountedPlace Empty => new() { Start = -1, _other = double.NegativeInfinity };

        public readonly double Margin => _best - _other;

        public int Start { get; private set; }

        public int Id { get; private set; }

        public void Offer(in CountedPlace from, in Step step)
        {
            var (sum, other) = (step.Score + from._best, step.Score + from._other);
            var tokens = from._tokens == Step.NotKnown || step.Tokens == Step.NotKnown ? Step.NotKnown : from._tokens + step.Tokens;
            if (Start < 0)
            {
                (Start, Id, _best, _other, _tokens) = (step.Start, step.Id, sum, other, tokens);
                return;
            }

            other = Math.Max(other, _other);

            // No two ways are taken to have one number where it is not known.
            if (tokens != _tokens || tokens == Step.NotKnown)
            {
                other = Math.Max(other, Math.Min(sum, _best));
            }

            _other = other;
            if (sum > _best)
            {
                (Start, Id, _best, _tokens) = (step.Start, step.Id, sum, tokens);
            }
        }
    }
}
