namespace DatasetBuild.Tokenization;

/// <summary>A token on the way through a text.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Node">Where it ends among the vocabulary's <see cref="TokenStarts"/>, or <see cref="UnigramSearch.Unknown"/>.</param>
/// <param name="Score">Its score.</param>
/// <param name="Tokens">How many tokens it counts for, or <see cref="NotKnown"/> where that depends on what stands beside it.</param>
internal readonly record struct UnigramStep(int Start, int Node, double Score, int Tokens)
{
    public const int NotKnown = int.MinValue;
}

/// <summary>A place in a text, and the best way to it so far.</summary>
internal interface IUnigramPlace<TSelf>
    where TSelf : struct, IUnigramPlace<TSelf>
{
    /// <summary>A place to which no way leads but the empty one.</summary>
    static abstract TSelf Empty { get; }

    /// <summary>Where the last token of the way starts, or -1.</summary>
    int Start { get; }

    /// <summary>The last token of the way, as <see cref="UnigramStep.Node"/>.</summary>
    int Node { get; }

    /// <summary>Offers a way that goes on from another place.</summary>
    void Offer(in TSelf from, in UnigramStep step);
}

/// <summary>
/// Finds the best way to spell a text with a Unigram vocabulary. Each token has its score where the look-up of its bytes ends,
/// so that its number is asked for only where it is on that way.
/// </summary>
internal sealed class UnigramSearch
{
    /// <summary>Stands for a character that no token is.</summary>
    public const int Unknown = -1;

    private readonly TokenStarts _starts;
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly bool _byteFallback;

    /// <param name="starts">The tokens.</param>
    /// <param name="scores">The score of each token, by id.</param>
    /// <param name="unknownScore">The score of a character that no token is.</param>
    /// <param name="byteFallback">Whether such a character counts for a token a byte.</param>
    public UnigramSearch(TokenStarts starts, double[] scores, double unknownScore, bool byteFallback)
    {
        _starts = starts;
        _unknownScore = unknownScore;
        _byteFallback = byteFallback;
        _scores = new double[starts.Nodes];
        for (var node = 0; node < _scores.Length; node++)
        {
            _scores[node] = starts.TokenAt(node) is >= 0 and var token ? scores[token] : 0;
        }
    }

    /// <summary>The token of a step.</summary>
    public int TokenOf(int node, int unknown) => node == Unknown ? unknown : _starts.TokenAt(node);

    /// <summary>Finds the best way to each place of a text, of which there is one more than it has bytes.</summary>
    /// <returns>The first character that had no token and no other way to its end that is as good, or -1.</returns>
    public int FindBest<TPlace>(ReadOnlySpan<byte> text, Span<TPlace> places)
        where TPlace : struct, IUnigramPlace<TPlace>
    {
        places.Fill(TPlace.Empty);
        var firstUnknown = -1;
        for (var start = 0; start < text.Length;)
        {
            var length = Utf8Scalars.Length(text[start]);
            var single = false;
            ref readonly var from = ref places[start];
            for (var tokens = _starts.All(text[start..]); tokens.MoveNext();)
            {
                places[start + tokens.Length].Offer(in from, new UnigramStep(start, tokens.Node, _scores[tokens.Node], Tokens: 1));
                single |= tokens.Length == length;
            }

            if (!single)
            {
                ref var after = ref places[start + length];
                after.Offer(in from, new UnigramStep(start, Unknown, _unknownScore, _byteFallback ? length : UnigramStep.NotKnown));
                firstUnknown = firstUnknown < 0 && after.Start == start && after.Node == Unknown ? start : firstUnknown;
            }

            start += length;
        }

        return firstUnknown;
    }
}
