using System.Runtime.InteropServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Learns the merges of byte pair encoding (Sennrich et al. 2016, arXiv 1508.07909): again and again the most frequent pair of neighbouring symbols
/// becomes one, of equally frequent ones the pair that occurs first, where pieces stand in the order of their first occurrence. Counts are
/// corrected around each merge; a pair's rank in the queue is at most too good, and is mended when its turn comes. Two merges never make the
/// same bytes: what stands inside a symbol was merged as if it stood alone, or a merge would have reached over its ends.
/// </summary>
internal sealed class MergeLearner
{
    private readonly DistinctPieces _pieces;
    private readonly SymbolChain _chain;
    private readonly List<int> _lengths = [];
    private readonly Dictionary<ulong, int> _numbers = [];
    private readonly List<Pair> _pairs = [];
    private readonly PriorityQueue<int, Rank> _queue = new();
    private readonly List<(int Pair, int Place)> _new = [];
    private int[] _places;
    private int _placesUsed;

    /// <param name="pieces">What is merged.</param>
    /// <param name="byteSymbols">The symbol of each single byte: all numbers from 0 to 255.</param>
    public MergeLearner(DistinctPieces pieces, ReadOnlySpan<int> byteSymbols)
    {
        _pieces = pieces;
        _lengths.AddRange(Enumerable.Repeat(1, byteSymbols.Length));
        _chain = new SymbolChain(pieces, byteSymbols, _lengths);
        _places = new int[_chain.Length];
        for (var place = 1; place < _chain.Length - 1; place++)
        {
            if (_chain.At(place) >= 0 && _chain.At(place + 1) >= 0)
            {
                Count(_chain.At(place), _chain.At(place + 1), place, 1);
            }
        }

        Enqueue();
    }

    /// <summary>Makes the next merge into the next number.</summary>
    /// <param name="minFrequency">A pair that occurs less often is not merged.</param>
    /// <param name="merge">The two symbols.</param>
    /// <returns>False if there is none.</returns>
    public bool TryMerge(long minFrequency, out (int Left, int Right) merge)
    {
        while (_queue.TryDequeue(out var number, out var rank))
        {
            ref var pair = ref CollectionsMarshal.AsSpan(_pairs)[number];
            if (pair.Occurrences < minFrequency)
            {
                continue;
            }

            SkipGone(ref pair);
            if (rank != pair.Rank(_places))
            {
                _queue.Enqueue(number, pair.Rank(_places));
                continue;
            }

            merge = (pair.Left, pair.Right);
            Apply(pair);
            return true;
        }

        merge = default;
        return false;
    }

    /// <summary>Moves to the first place where the pair still stands: a pair that is gone from a place never returns to it.</summary>
    private void SkipGone(ref Pair pair)
    {
        while (!_chain.Holds(_places[pair.First], pair.Left, pair.Right))
        {
            pair.First++;
        }
    }

    private void Apply(Pair pair)
    {
        var merged = _lengths.Count;
        _lengths.Add(_lengths[pair.Left] + _lengths[pair.Right]);
        for (var i = pair.First; i < pair.End; i++)
        {
            var place = _places[i];
            if (!_chain.Holds(place, pair.Left, pair.Right))
            {
                continue;
            }

            // Of each neighbour one pair goes and one comes.
            var next = _chain.Next(_chain.Next(place));
            var previous = _chain.Previous(place);
            _chain.Merge(place, merged);
            if (previous >= 0)
            {
                Count(_chain.At(previous), pair.Left, previous, -1);
                Count(_chain.At(previous), merged, previous, 1);
            }

            if (_chain.At(next) >= 0)
            {
                Count(pair.Right, _chain.At(next), place, -1);
                Count(merged, _chain.At(next), place, 1);
            }
        }

        Enqueue();
    }

    private void Count(int left, int right, int place, int sign)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, ((ulong)(uint)left << 32) | (uint)right, out var known);
        if (!known)
        {
            number = _pairs.Count;
            _pairs.Add(new Pair { Left = left, Right = right });
        }

        CollectionsMarshal.AsSpan(_pairs)[number].Occurrences += sign * _pieces.Occurrences(_chain.PieceOf(place));
        if (sign > 0)
        {
            _new.Add((number, place));
        }
    }

    /// <summary>Gives the pairs that came up in one step their places, in order, and a rank. All places of a pair come up in the step that makes the younger of its symbols.</summary>
    private void Enqueue()
    {
        if (_placesUsed + _new.Count > _places.Length)
        {
            Array.Resize(ref _places, Math.Max(_placesUsed + _new.Count, _places.Length + (_places.Length / 2)));
        }

        var pairs = CollectionsMarshal.AsSpan(_pairs);
        foreach (var (number, _) in _new)
        {
            pairs[number].End++;
        }

        foreach (var (number, place) in _new)
        {
            ref var pair = ref pairs[number];
            if (!pair.IsPlaced)
            {
                var length = pair.End;
                (pair.First, pair.End, pair.IsPlaced) = (_placesUsed, _placesUsed, true);
                _placesUsed += length;
                _queue.Enqueue(number, new Rank(pair.Occurrences, place));
            }

            _places[pair.End++] = place;
        }

        _new.Clear();
    }

    /// <summary>Orders pairs: frequent ones first, then those that occur early.</summary>
    private readonly record struct Rank(long Occurrences, int Place) : IComparable<Rank>
    {
        public int CompareTo(Rank other) => Occurrences != other.Occurrences ? other.Occurrences.CompareTo(Occurrences) : Place.CompareTo(other.Place);
    }

    /// <summary>Two symbols that are or were neighbours somewhere: how often they are, and where among all places theirs stand.</summary>
    private struct Pair
    {
        public int Left;
        public int Right;
        public long Occurrences;
        public int First;
        public int End;
        public bool IsPlaced;

        public readonly Rank Rank(int[] places) => new(Occurrences, places[First]);
    }
}
