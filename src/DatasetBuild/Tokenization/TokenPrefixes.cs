using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The tokens of a vocabulary by their first bytes: a trie as a double array (Aoe 1989), four bytes a node, so that its upper part stays in a
/// core's cache. The child of a node for a byte stands at the node's base exclusive-or the byte. No two nodes share a base, so that a child whose
/// own byte is the one that was asked for belongs to the node. A node without children has the base 0, which no other node has.
/// </summary>
/// <param name="nodes">For each node its base, whether a token ends there, and its own byte.</param>
/// <param name="tokens">For each node the token that ends there, or -1.</param>
internal sealed class TokenPrefixes(uint[] nodes, int[] tokens)
{
    /// <summary>A base stands above two flags and a byte.</summary>
    internal const int BaseShift = 10;

    /// <summary>Says that a child stands at a place.</summary>
    internal const uint IsChild = 1 << 9;

    /// <summary>Says that a token ends at a node.</summary>
    internal const uint IsToken = 1 << 8;

    /// <summary>The node before the first byte; it is no child.</summary>
    internal const int Root = 0;

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="image">The image.</param>
    /// <param name="isToken">Which ids may stand in it.</param>
    public static TokenPrefixes Read(ImageReader image, Predicate<int> isToken)
    {
        var nodes = image.ReadUnsignedInts();
        var tokens = image.ReadInts();
        ImageReader.Expect(nodes.Length > byte.MaxValue && tokens.Length == nodes.Length);
        for (var node = 0; node < nodes.Length; node++)
        {
            // Children stand in one block of 256 places, which has to be there as a whole.
            ImageReader.Expect((nodes[node] >> BaseShift | byte.MaxValue) < nodes.Length);
            ImageReader.Expect((nodes[node] & IsToken) == 0 || isToken(tokens[node]));
        }

        return new TokenPrefixes(nodes, tokens);
    }

    public void Write(ImageWriter image)
    {
        image.Write<uint>(nodes);
        image.Write<int>(tokens);
    }

    /// <summary>The longest token that <paramref name="bytes"/> start with, and how many of them it takes; or -1.</summary>
    public int Longest(ReadOnlySpan<byte> bytes, out int length)
    {
        var node = nodes[Root];
        var longest = Root;
        length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var next = bytes[i];
            var child = (int)(node >> BaseShift) ^ next;
            node = nodes[child];
            if ((node & (IsChild | byte.MaxValue)) != (IsChild | next))
            {
                break;
            }

            var isToken = (node & IsToken) != 0;
            longest = isToken ? child : longest;
            length = isToken ? i + 1 : length;
        }

        return tokens[longest];
    }

    /// <summary>How many nodes there are, the places of none among them.</summary>
    public int Nodes => nodes.Length;

    /// <summary>The token that ends at a node, or -1.</summary>
    public int TokenAt(int node) => tokens[node];

    /// <summary>The node that a byte leads to, or -1.</summary>
    public int Child(int node, byte next) => AllChildren.Of(node, next);

    /// <summary>All nodes, for who asks for many.</summary>
    public Children AllChildren => new(nodes);

    /// <summary>Says which nodes the bytes lead to.</summary>
    public readonly ref struct Children(uint[] nodes)
    {
        private readonly ReadOnlySpan<uint> _nodes = nodes;

        /// <summary>The node that a byte leads to from another one, or -1.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Of(int node, byte next)
        {
            var child = (int)(_nodes[node] >> BaseShift) ^ next;
            return (_nodes[child] & (IsChild | byte.MaxValue)) == (IsChild | next) ? child : -1;
        }
    }
}
