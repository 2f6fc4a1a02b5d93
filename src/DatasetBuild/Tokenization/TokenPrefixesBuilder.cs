using System.Buffers.Binary;

namespace DatasetBuild.Tokenization;

/// <summary>Finds a place for each node of a <see cref="TokenPrefixes"/>.</summary>
internal sealed class TokenPrefixesBuilder
{
    /// <summary>Longer than any published token (128 bytes) by far; bounds the work on a hostile file.</summary>
    internal const int LongestToken = 1024;

    private const int LargestSize = 1 << (32 - TokenPrefixes.BaseShift);
    private const int BlockSize = 256;

    /// <summary>Places that are tried for the children of a node before they get a new block.</summary>
    private const int MostTries = 2048;

    private readonly TokenTable _tokens;
    private readonly int[] _sorted;
    private readonly List<byte> _children = new(BlockSize);
    private uint[] _nodes = new uint[BlockSize];
    private int[] _ends = new int[BlockSize];
    private bool[] _usedPlaces = new bool[BlockSize];
    private bool[] _usedBases = new bool[BlockSize];
    private int _size = BlockSize;
    private int _firstFree = 1;

    private TokenPrefixesBuilder(TokenTable tokens, int[] sorted)
    {
        _tokens = tokens;
        _sorted = sorted;
        _ends.AsSpan().Fill(-1);
        _usedPlaces[TokenPrefixes.Root] = true;
    }

    /// <summary>
    /// Builds the trie of all tokens that have a shape, and enters for each which is the next shorter. Null where the vocabulary is too large
    /// or its tokens too long for it.
    /// </summary>
    public static TokenPrefixes? Build(TokenTable tokens, TokenShape[] shapes)
    {
        var sorted = Enumerable.Range(0, shapes.Length).Where(id => shapes[id].Length > 0).ToArray();
        if (Array.Exists(shapes, shape => shape.Length > LongestToken))
        {
            return null;
        }

        Sort(sorted, tokens);
        var builder = new TokenPrefixesBuilder(tokens, sorted);
        return builder.TryPlace(shapes) ? new TokenPrefixes(builder._nodes[..builder._size], builder._ends[..builder._size]) : null;
    }

    // By their first eight bytes, which takes no comparer, and then those that are alike so far.
    private static void Sort(int[] ids, TokenTable tokens)
    {
        var starts = new ulong[ids.Length];
        var padded = new byte[sizeof(ulong)];
        for (var i = 0; i < ids.Length; i++)
        {
            var bytes = tokens.Bytes(ids[i]);
            Array.Clear(padded);
            bytes[..Math.Min(bytes.Length, padded.Length)].CopyTo(padded);
            starts[i] = BinaryPrimitives.ReadUInt64BigEndian(padded);
        }

        Array.Sort(starts, ids);
        var byAllBytes = Comparer<int>.Create((left, right) => tokens.Bytes(left).SequenceCompareTo(tokens.Bytes(right)));
        for (var (first, i) = (0, 1); i <= ids.Length; i++)
        {
            if (i == ids.Length || starts[i] != starts[first])
            {
                Array.Sort(ids, first, i - first, byAllBytes);
                first = i;
            }
        }
    }

    private bool TryPlace(TokenShape[] shapes)
    {
        // Nodes whose children have no place yet: the tokens below them, how many bytes lead to them, and the longest token on the way.
        var open = new Stack<(int Node, int First, int End, int Depth, int Longest)>();
        open.Push((TokenPrefixes.Root, 0, _sorted.Length, 0, -1));
        while (open.TryPop(out var node))
        {
            _children.Clear();
            for (var i = node.First; i < node.End; i++)
            {
                var next = _tokens.Bytes(_sorted[i])[node.Depth];
                if (_children.Count == 0 || _children[^1] != next)
                {
                    _children.Add(next);
                }
            }

            var at = FindBase();
            if (_size > LargestSize)
            {
                return false;
            }

            _usedBases[at] = true;
            _nodes[node.Node] |= (uint)at << TokenPrefixes.BaseShift;
            var first = node.First;
            foreach (var next in _children)
            {
                var child = at ^ next;
                _usedPlaces[child] = true;
                _nodes[child] = TokenPrefixes.IsChild | next;
                var end = first + 1;
                while (end < node.End && _tokens.Bytes(_sorted[end])[node.Depth] == next)
                {
                    end++;
                }

                // The shortest of those that start alike is sorted first.
                var longest = node.Longest;
                if (_tokens.Length(_sorted[first]) == node.Depth + 1)
                {
                    longest = _ends[child] = _sorted[first];
                    _nodes[child] |= TokenPrefixes.IsToken;
                    shapes[longest] = shapes[longest] with { Shorter = node.Longest };
                    first++;
                }

                if (first < end)
                {
                    open.Push((child, first, end, node.Depth + 1, longest));
                }

                first = end;
            }
        }

        return true;
    }

    private int FindBase()
    {
        while (_firstFree < _size && _usedPlaces[_firstFree])
        {
            _firstFree++;
        }

        // Siblings find room in the newest blocks. An only child fits into almost any gap; old gaps that did not do are given up.
        var first = _children.Count == 1 ? _firstFree : Math.Max(_firstFree, _size - MostTries);
        for (var place = first; place < _size; place++)
        {
            var at = place ^ _children[0];
            if (!_usedPlaces[place] && !_usedBases[at] && at != 0 && _children.TrueForAll(next => !_usedPlaces[at ^ next]))
            {
                return at;
            }

            _firstFree = place - first > MostTries ? place : _firstFree;
        }

        var block = _size;
        Grow(_size + BlockSize);
        return block;
    }

    private void Grow(int size)
    {
        if (size > _nodes.Length)
        {
            var (old, capacity) = (_nodes.Length, _nodes.Length * 2);
            Array.Resize(ref _nodes, capacity);
            Array.Resize(ref _ends, capacity);
            Array.Resize(ref _usedPlaces, capacity);
            Array.Resize(ref _usedBases, capacity);
            _ends.AsSpan(old).Fill(-1);
        }

        _size = size;
    }
}
