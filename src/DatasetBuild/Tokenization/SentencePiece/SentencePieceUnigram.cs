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
    private readonly int _unknown;

    public SentencePieceUnigram(SentencePieceFile model)
    {
        var lowest = float.MaxValue;
        _scores = new double[model.Pieces.Count];
        _isUserDefined = new bool[model.Pieces.Count];
        var found = new List<(int, byte[])>();
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
    }

    public void Split(ReadOnlySpan<byte> text, List<(int Id, TextRange Range)> pieces)
    {
        var best = new float[text.Length + 1];
        var starts = new int[text.Length + 1];
        var ids = new int[text.Length + 1];
        starts.AsSpan().Fill(-1);
        for (var start = 0; start < text.Length;)
        {
            var length = Utf8Scalars.Length(text[start]);
            var single = false;
            var node = TokenStarts.Root;
            for (var i = start; i < text.Length && (node = _starts.Child(node, text[i])) >= 0; i++)
            {
                if (_starts.Token(node) is >= 0 and var id)
                {
                    var bytes = i + 1 - start;
                    Offer(i + 1, id, (_isUserDefined[id] ? (bytes * _maxScore) - 0.1 : _scores[id]) + best[start]);
                    single |= bytes == length;
                }
            }

            if (!single)
            {
                Offer(start + length, _unknown, _unknownScore + best[start]);
            }

            start += length;

            void Offer(int end, int id, double score)
            {
                if (starts[end] < 0 || score > best[end])
                {
                    (best[end], starts[end], ids[end]) = ((float)score, start, id);
                }
            }
        }

        var first = pieces.Count;
        for (var end = text.Length; end > 0; end = starts[end])
        {
            pieces.Add((ids[end], new TextRange(starts[end], end)));
        }

        pieces.Reverse(first, pieces.Count - first);
    }
}
