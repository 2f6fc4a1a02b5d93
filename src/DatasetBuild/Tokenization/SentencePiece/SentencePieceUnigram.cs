using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>
/// SentencePiece's Unigram: the spelling with the highest sum of scores, in single precision as the library sums them; of equal ones the one whose last piece
/// starts first. A user-defined piece always wins.
/// </summary>
internal sealed class SentencePieceUnigram : ISentencePieceModel
{
    private const float UnknownPenalty = 10;

    private readonly TokenStarts _starts;
    private readonly double[] _scores;
    private readonly bool[] _isUserDefined;
    private readonly float _unknownScore;
    private readonly float _maxScore = 1.17549435e-38f;
    private readonly double _largestScore;
    private readonly int _unknown;
    private readonly bool _byteFallback;

    public SentencePieceUnigram(SentencePieceFile model)
    {
        var lowest = float.MaxValue;
        _scores = new double[model.Pieces.Count];
        _isUserDefined = new bool[model.Pieces.Count];
        _byteFallback = model.ByteFallback;
        var found = new List<(int Id, byte[] Utf8)>();
        foreach (var (id, (text, score, kind)) in model.Pieces.Index())
        {
            _scores[id] = score;
            _isUserDefined[id] = kind == PieceKind.UserDefined;
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

        _starts = new TokenStarts(found);
        _unknownScore = lowest - UnknownPenalty;
        _largestScore = found.Aggregate(Math.Abs((double)_unknownScore), (largest, piece) => Math.Max(largest, Math.Abs(Score(piece.Id, piece.Utf8.Length))));
        KeepsToWords = SentencePieceWords.KeepToWords([.. found.Select(piece => piece.Utf8)]);
    }

    public bool KeepsToWords { get; }

    /// <remarks>As long as most records are: where texts are longer, rounding decides more words.</remarks>
    public int MostPieces => 4096;

    public void Split(ReadOnlySpan<byte> text, List<(int Id, TextRange Range)> pieces)
    {
        using var ways = new Ways(text.Length);
        FindBest(text, ways, new Rounded(new float[text.Length + 1], _unknown));
        var first = pieces.Count;
        for (var end = text.Length; end > 0; end = ways.Starts[end])
        {
            pieces.Add((ways.Ids[end], new TextRange(ways.Starts[end], end)));
        }

        pieces.Reverse(first, pieces.Count - first);
    }

    /// <remarks>
    /// Inside a text the sums start from that of all words before, and each addition rounds it. So the word is counted with sums that start from zero in double
    /// precision, and has that count where no rounding of single precision makes a way of another count the best one.
    /// </remarks>
    public WordCount CountWord(ReadOnlySpan<byte> word)
    {
        using var ways = new Ways(word.Length);
        var sums = new Counted(word.Length, _unknown, _byteFallback);
        FindBest(word, ways, sums);
        var tally = new PieceTally(_byteFallback);
        for (int end = word.Length, start; end > 0; end = start)
        {
            start = ways.Starts[end];
            tally.Add(ways.Ids[end] == _unknown, end - start);
        }

        var characters = Utf8Scalars.Count(word);
        var mostPieces = (LargestSum(sums.MarginAt(word.Length), characters) / _largestScore) - characters;
        return new WordCount(tally.Tokens, tally.Pieces, (int)Math.Clamp(mostPieces, 0, int.MaxValue));
    }

    /// <summary>
    /// Up to which sum two sums that are apart by a margin stay so: each is rounded at most once a character, by at most 2^-24 of itself, perhaps in opposite directions.
    /// A hundredth is left for what double precision loses.
    /// </summary>
    private static double LargestSum(double margin, int characters) => 0.99 * margin / (2 * characters) * (1 << 24);

    private double Score(int id, int bytes) => _isUserDefined[id] ? (bytes * _maxScore) - 0.1 : _scores[id];

    /// <summary>For each place where the best way to it ends, the start and the id of its last piece.</summary>
    private void FindBest<TSums>(ReadOnlySpan<byte> text, in Ways ways, TSums sums)
        where TSums : struct, ISums
    {
        ways.Starts.AsSpan(0, text.Length + 1).Fill(-1);
        for (var start = 0; start < text.Length;)
        {
            var length = Utf8Scalars.Length(text[start]);
            var single = false;
            var node = TokenStarts.Root;
            for (var i = start; i < text.Length && (node = _starts.Child(node, text[i])) >= 0; i++)
            {
                if (_starts.Token(node) is >= 0 and var id)
                {
                    Offer(in ways, i + 1, id, Score(id, i + 1 - start));
                    single |= i + 1 - start == length;
                }
            }

            if (!single)
            {
                Offer(in ways, start + length, _unknown, _unknownScore);
            }

            start += length;

            void Offer(in Ways ways, int end, int id, double score)
            {
                if (sums.Offer(start, end, id, score, isFirst: ways.Starts[end] < 0))
                {
                    (ways.Starts[end], ways.Ids[end]) = (start, id);
                }
            }
        }
    }

    /// <summary>The sums of the best ways to the places of a text.</summary>
    private interface ISums
    {
        /// <summary>Offers a way that goes on from <paramref name="start"/>; returns whether it is now the best one to <paramref name="end"/>.</summary>
        bool Offer(int start, int end, int id, double score, bool isFirst);
    }

    /// <summary>As the library keeps them. It compares the sum of a piece before it rounds it, that of an unknown character afterwards.</summary>
    private readonly struct Rounded(float[] best, int unknown) : ISums
    {
        public bool Offer(int start, int end, int id, double score, bool isFirst)
        {
            var sum = score + best[start];
            if (!isFirst && (id == unknown ? (float)sum : sum) <= best[end])
            {
                return false;
            }

            best[end] = (float)sum;
            return true;
        }
    }

    /// <summary>Not rounded; beside the best sum the number of tokens of its way, and the best sum of a way that has another number.</summary>
    private readonly struct Counted(int length, int unknown, bool byteFallback) : ISums
    {
        private const int NotAdded = int.MinValue;

        private readonly double[] _best = new double[length + 1];
        private readonly double[] _other = Others(length);
        private readonly int[] _tokens = new int[length + 1];

        public double MarginAt(int end) => _best[end] - _other[end];

        public bool Offer(int start, int end, int id, double score, bool isFirst)
        {
            var (sum, other, tokens) = (score + _best[start], score + _other[start], Add(_tokens[start], id, end - start));
            if (isFirst)
            {
                (_best[end], _other[end], _tokens[end]) = (sum, other, tokens);
                return true;
            }

            var isBest = sum > _best[end];
            other = Math.Max(other, _other[end]);
            if (tokens != _tokens[end] || tokens == NotAdded)
            {
                other = Math.Max(other, Math.Min(sum, _best[end]));
            }

            _other[end] = other;
            if (isBest)
            {
                (_best[end], _tokens[end]) = (sum, tokens);
            }

            return isBest;
        }

        // How many tokens unknown characters are depends on what stands beside them, if they have no bytes: then no two ways are taken to have one number.
        private int Add(int tokens, int id, int bytes) => tokens == NotAdded ? NotAdded : id != unknown ? tokens + 1 : byteFallback ? tokens + bytes : NotAdded;

        private static double[] Others(int length)
        {
            var others = new double[length + 1];
            others[0] = double.NegativeInfinity;
            return others;
        }
    }

    /// <summary>Room for where the last pieces of the best ways start, and what they are.</summary>
    private readonly struct Ways(int length) : IDisposable
    {
        public int[] Starts { get; } = ArrayPool<int>.Shared.Rent(length + 1);

        public int[] Ids { get; } = ArrayPool<int>.Shared.Rent(length + 1);

        public void Dispose()
        {
            ArrayPool<int>.Shared.Return(Starts);
            ArrayPool<int>.Shared.Return(Ids);
        }
    }
}
