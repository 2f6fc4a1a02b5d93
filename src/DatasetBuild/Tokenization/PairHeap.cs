using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>What stands at the positions of a <see cref="PairHeap"/>.</summary>
internal interface IMergedPairs
{
    /// <summary>The rank of two neighbours, lowest first, or <see cref="MergeTable.None"/> if they may not be merged.</summary>
    int Rank(int left, int right);

    /// <summary>Makes the left position stand for both; the right one is gone.</summary>
    void Merge(int left, int right);
}

/// <summary>Tokens that are merged by a table of pairs.</summary>
internal ref struct MergedTokens(MergeTable merges, Span<int> ids) : IMergedPairs
{
    private readonly Span<int> _ids = ids;

    /// <summary>The tokens that were merged last, and the rank of that merge; -1 where none was.</summary>
    public (int Left, int Right, int Rank) Last { get; private set; } = (-1, -1, -1);

    public readonly int Rank(int left, int right) => merges.Rank(_ids[left], _ids[right], out _);

    public void Merge(int left, int right)
    {
        var (leftToken, rightToken) = (_ids[left], _ids[right]);
        Last = (leftToken, rightToken, merges.Rank(leftToken, rightToken, out _ids[left]));
    }
}

/// <summary>
/// A linked list of positions, and a binary heap of its neighbouring pairs by (rank, position). A pair whose rank changed stays in the heap
/// until it is taken and found stale, so each merge costs two insertions.
/// </summary>
internal ref struct PairHeap
{
    private readonly int[] _links;
    private readonly Span<int> _next;
    private readonly Span<int> _previous;
    private readonly Span<int> _rank;
    private ulong[] _heap;
    private int _count;

    public PairHeap(int length)
    {
        _links = ArrayPool<int>.Shared.Rent(3 * length);
        _next = _links.AsSpan(0, length);
        _previous = _links.AsSpan(length, length);
        _rank = _links.AsSpan(2 * length, length);
        _heap = ArrayPool<ulong>.Shared.Rent(length);
        for (var i = 0; i < length; i++)
        {
            _next[i] = i + 1 < length ? i + 1 : -1;
            _previous[i] = i - 1;
            _rank[i] = MergeTable.None;
        }
    }

    /// <summary>Merges neighbouring positions, the lowest rank first, the leftmost of equals, until no pair may be merged.</summary>
    public void MergeAll<TPairs>(ref TPairs pairs)
        where TPairs : IMergedPairs, allows ref struct
    {
        for (var i = 0; i >= 0 && Next(i) >= 0; i = Next(i))
        {
            Offer(i, pairs.Rank(i, Next(i)));
        }

        while (TryTakeLowest(out var left))
        {
            var right = Next(left);
            pairs.Merge(left, right);
            Unlink(right);
            var next = Next(left);
            Offer(left, next < 0 ? MergeTable.None : pairs.Rank(left, next));
            if (Previous(left) is >= 0 and var previous)
            {
                Offer(previous, pairs.Rank(previous, left));
            }
        }
    }

    public readonly int Next(int position) => _next[position];

    private readonly int Previous(int position) => _previous[position];

    /// <summary>Takes a position out of the list; it will never be returned again.</summary>
    private readonly void Unlink(int position)
    {
        var (previous, next) = (_previous[position], _next[position]);
        _rank[position] = MergeTable.None;
        _next[previous] = next;
        if (next >= 0)
        {
            _previous[next] = previous;
        }
    }

    /// <summary>Sets the rank of the pair that starts at <paramref name="position"/>.</summary>
    private void Offer(int position, int rank)
    {
        _rank[position] = rank;
        if (rank == MergeTable.None)
        {
            return;
        }

        if (_count == _heap.Length)
        {
            var larger = ArrayPool<ulong>.Shared.Rent(_count * 2);
            _heap.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<ulong>.Shared.Return(_heap);
            _heap = larger;
        }

        var entry = ((ulong)(uint)rank << 32) | (uint)position;
        var hole = _count++;
        while (hole > 0 && _heap[(hole - 1) / 2] > entry)
        {
            _heap[hole] = _heap[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }

        _heap[hole] = entry;
    }

    /// <summary>Takes the pair of lowest rank, the leftmost of equals.</summary>
    private bool TryTakeLowest(out int position)
    {
        while (_count > 0)
        {
            var entry = _heap[0];
            RemoveFirst();
            position = (int)(uint)entry;
            if (_rank[position] == (int)(entry >> 32))
            {
                return true;
            }
        }

        position = -1;
        return false;
    }

    public readonly void Dispose()
    {
        ArrayPool<int>.Shared.Return(_links);
        ArrayPool<ulong>.Shared.Return(_heap);
    }

    private void RemoveFirst()
    {
        var last = _heap[--_count];
        var hole = 0;
        for (var child = 1; child < _count; child = (2 * hole) + 1)
        {
            child += child + 1 < _count && _heap[child + 1] < _heap[child] ? 1 : 0;
            if (_heap[child] >= last)
            {
                break;
            }

            _heap[hole] = _heap[child];
            hole = child;
        }

        _heap[hole] = last;
    }
}
