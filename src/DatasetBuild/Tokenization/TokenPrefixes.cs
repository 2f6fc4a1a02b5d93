using System.Numerics;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The tokens of a vocabulary by their first bytes: a trie, whose edges stand in one hash table. A node that is a token bears its id; other
/// nodes bear numbers behind the ids.
/// </summary>
internal sealed class TokenPrefixes
{
    /// <summary>Longer than any published token (128 bytes) by far; bounds the work on a hostile file.</summary>
    private const int LongestToken = 1024;

    private const int NodeBits = 28;
    private const ulong Empty = ulong.MaxValue;

    private readonly int _tokens;
    private readonly int[] _bytes = new int[256];
    private readonly int[] _pairs = new int[1 << 16];
    private readonly int _shift;
    private ulong[] _edges;

    /// <summary>Builds the trie of all tokens with a length, and enters for each which is the next shorter. They have to fit (<see cref="Fits"/>).</summary>
    public TokenPrefixes(TokenTable tokens, TokenShape[] shapes)
    {
        _tokens = shapes.Length;
        var bytes = shapes.Sum(shape => (long)shape.Length);
        _edges = new ulong[BitOperations.RoundUpToPowerOf2((ulong)Math.Max(8, bytes))];
        _shift = 64 - BitOperations.Log2((uint)_edges.Length);
        _edges.AsSpan().Fill(Empty);
        var nodes = _tokens;
        var edges = 0;
        for (var id = 0; id < _tokens; id++)
        {
            var token = shapes[id].Length > 0 ? tokens.Bytes(id) : default;
            var node = -1;
            var shorter = -1;
            for (var length = 1; length <= token.Length; length++)
            {
                var known = tokens.Find(token[..length]);
                var isToken = known >= 0 && shapes[known].Length > 0;
                if (length == 1)
                {
                    node = _bytes[token[0]] = known;
                }
                else
                {
                    ref var edge = ref _edges[FindSlot(Key(node, token[length - 1]))];
                    if (edge == Empty)
                    {
                        edges++;
                        edge = (Key(node, token[length - 1]) << NodeBits) | (uint)(isToken ? known : nodes++);
                    }

                    node = Node(edge);
                }

                shorter = isToken && length < token.Length ? known : shorter;
            }

            shapes[id] = shapes[id] with { Shorter = shorter };
        }

        for (var pair = 0; pair < _pairs.Length; pair++)
        {
            _pairs[pair] = Child(_bytes[pair & 0xFF], (byte)(pair >> 8));
        }
    }

    /// <summary>Whether the tokens of a vocabulary are few and short enough for nodes of 28 bits.</summary>
    public static bool Fits(TokenShape[] shapes) =>
        shapes.Length + shapes.Sum(shape => (long)shape.Length) < 1L << (NodeBits - 1) && Array.TrueForAll(shapes, shape => shape.Length <= LongestToken);

    /// <summary>The longest token that <paramref name="bytes"/> start with; one is there, since all single bytes are tokens.</summary>
    public int Longest(ReadOnlySpan<byte> bytes)
    {
        var longest = _bytes[bytes[0]];
        if (bytes.Length == 1)
        {
            return longest;
        }

        var node = _pairs[bytes[0] | (bytes[1] << 8)];
        for (var i = 2; node >= 0; i++)
        {
            longest = node < _tokens ? node : longest;
            if (i >= bytes.Length)
            {
                break;
            }

            node = Child(node, bytes[i]);
        }

        return longest;
    }

    private static ulong Key(int node, byte next) => ((ulong)(uint)node << 8) | next;

    private static int Node(ulong edge) => (int)(edge & ((1UL << NodeBits) - 1));

    private int Child(int node, byte next)
    {
        var edge = _edges[FindSlot(Key(node, next))];
        return edge == Empty ? -1 : Node(edge);
    }

    private int FindSlot(ulong key)
    {
        var edges = _edges;
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (edges[slot] >> NodeBits != key && edges[slot] != Empty)
        {
            slot = (slot + 1) & (edges.Length - 1);
        }

        return slot;
    }
}
