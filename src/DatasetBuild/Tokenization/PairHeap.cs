using System.Buffers;

namespace DatasetBuild.Tokenization;

/// <summary>
/// A linked list of positions, and a binary heap of its neighbouring pairs by (rank, position). A pair whose rank changed stays in the heap
/// until it is taken and found stale, so each merge costs two insertions.
/// </summary>
internal ref struct PairHeap
{
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int[] _rank;
    private ulong[] _heap;
    private int _count;

    public PairHeap(int length)
    {
        _next = ArrayPool<int>.Shared.Rent(length);
        _previous = ArrayPool<int>.Shared.Rent(length);
        _rank = ArrayPool<int>.Shared.Rent(length);
        _heap = ArrayPool<ulong>.Shared.Rent(length);
        for (var i = 0; i < length; i++)
        {
            _next[i] = i + 1 < length ? i + 1 : -1;
            _previous[i] = i - 1;
            _rank[i] = MergeTable.None;
        }
    }

    /// <summary>Merges pairs of neighbouring tokens, the lowest rank first, the leftmost of equals, until no pair may be merged.</summary>
    /// <param name="merges">The merges.</param>
    /// <param name="ids">The token at each position of the list; those that are left afterwards stand at the positions that are left.</param>
    public void MergeAll(MergeTable merges, Span<int> ids)
    {
        for (var i = 0; i >= 0 && Next(i) >= 0; i = Next(i))
        {
            Offer(i, merges.Rank(ids[i], ids[Next(i)], out _));
        }

        while (TryTakeLowest(out var left))
        {
            var right = Next(left);
            merges.Rank(ids[left], ids[right], out ids[left]);
            Unlink(right);
            var next = Next(left);
            Offer(left, next < 0 ? MergeTable.None : merges.Rank(ids[left], ids[next], out _));
            if (Previous(left) is >= 0 and var previous)
            {
                Offer(previous, merges.Rank(ids[previous], ids[left], out _));
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
        ArrayPool<int>.Shared.Return(_next);
        ArrayPool<int>.Shared.Return(_previous);
        ArrayPool<int>.Shared.Return(_rank);
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
