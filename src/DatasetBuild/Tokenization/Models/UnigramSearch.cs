namespace DatasetBuild.Tokenization;

/// <summary>A place in a text, and the best way to it so far.</summary>
internal interface IUnigramPlace<TSelf>
    where TSelf : struct, IUnigramPlace<TSelf>
{
    /// <summary>Makes this a place to which no way leads but the empty one.</summary>
    void Clear();

    /// <summary>Where the last token of the way starts, or -1.</summary>
    int Start { get; }

    /// <summary>The last token of the way, or <see cref="UnigramSearch.Unknown"/>.</summary>
    int Id { get; }

    /// <summary>Offers a way that goes on from another place.</summary>
    /// <param name="from">That place.</param>
    /// <param name="start">Where it is.</param>
    /// <param name="id">The token that leads here, or <see cref="UnigramSearch.Unknown"/>.</param>
    /// <param name="score">Its score.</param>
    /// <param name="tokens">How many tokens it counts for, or <see cref="UnigramSearch.NotKnown"/> where that depends on what stands beside it.</param>
    void Offer(in TSelf from, int start, int id, double score, int tokens);
}

/// <summary>Finds the best way to spell a text with a Unigram vocabulary: place by place, over the tokens that end there.</summary>
internal sealed class UnigramSearch
{
    /// <summary>Stands for a character that no token is.</summary>
    public const int Unknown = -1;

    /// <summary>A number of tokens that cannot be told.</summary>
    public const int NotKnown = int.MinValue;

    private readonly TokenEnds _ends;
    private readonly Ending[] _endings;
    private readonly double _unknownScore;
    private readonly bool _byteFallback;

    /// <param name="ends">The tokens.</param>
    /// <param name="scores">The score of each token, by id.</param>
    /// <param name="unknownScore">The score of a character that no token is.</param>
    /// <param name="byteFallback">Whether such a character counts for a token a byte.</param>
    public UnigramSearch(TokenEnds ends, double[] scores, double unknownScore, bool byteFallback)
    {
        _ends = ends;
        _unknownScore = unknownScore;
        _byteFallback = byteFallback;
        _endings = new Ending[ends.Size];
        for (var id = 0; id < _endings.Length; id++)
        {
            _endings[id] = new Ending(scores[id], ends.Length(id), ends.Shorter(id));
        }
    }

    /// <summary>Finds the best way to each place of a text, of which there is one more than it has bytes.</summary>
    /// <param name="text">Valid UTF-8.</param>
    /// <param name="places">Receives the ways; to places inside a character there is none.</param>
    /// <returns>The first character that had no token and no other way to its end that is as good, or -1.</returns>
    public int FindBest<TPlace>(ReadOnlySpan<byte> text, Span<TPlace> places)
        where TPlace : struct, IUnigramPlace<TPlace>
    {
        places[0].Clear();
        var firstUnknown = -1;
        var reader = _ends.NewReader();
        ReadOnlySpan<Ending> endings = _endings;
        for (int first = 0, length; first < text.Length; first += length)
        {
            length = Utf8Scalars.Length(text[first]);
            var end = first + length;
            reader.Take(text[first]);
            for (var inside = first + 1; inside < end; inside++)
            {
                places[inside].Clear();
                reader.Take(text[inside]);
            }

            // The longest token comes first, and with it the way that starts first. All is done in place: to copy what was written piece by piece makes the processor wait for the pieces.
            ref var place = ref places[end];
            place.Clear();
            var single = false;
            for (var id = reader.Longest; id >= 0;)
            {
                ref readonly var ending = ref endings[id];
                var start = end - ending.Length;
                if ((uint)start >= (uint)end)
                {
                    break;
                }

                // What is no text in UTF-8 may have a token start where no way leads.
                if (start == 0 || places[start].Start >= 0)
                {
                    place.Offer(in places[start], start, id, ending.Score, 1);
                    single |= start == first;
                }

                id = ending.Shorter;
            }

            if (!single)
            {
                place.Offer(in places[first], first, Unknown, _unknownScore, _byteFallback ? length : NotKnown);
                firstUnknown = firstUnknown < 0 && place.Start == first && place.Id == Unknown ? first : firstUnknown;
            }
        }

        return firstUnknown;
    }

    private readonly record struct Ending(double Score, int Length, int Shorter);
}
