namespace DatasetBuild.Tokenization;

/// <summary>The tokens of a vocabulary by their first bytes, in the quicker of two ways that its size allows.</summary>
internal sealed class TokenStarts
{
    private readonly TokenPrefixes? _prefixes;
    private readonly ByteTrie? _trie;

    /// <param name="tokens">Tokens with distinct ids, none of them empty; of equal ones the last counts.</param>
    public TokenStarts(IEnumerable<(int Id, byte[] Bytes)> tokens)
    {
        var table = new TokenTable([.. tokens.Select(token => (token.Id, token.Bytes, true))]);
        var shapes = new TokenShape[table.Size];
        var any = false;
        for (var id = 0; id < table.Size; id++)
        {
            if (table.Contains(id) && table.Find(table.Bytes(id)) == id)
            {
                shapes[id] = new TokenShape(-1, -1, -1, -1, table.Length(id));
                any = true;
            }
        }

        _prefixes = any ? TokenPrefixesBuilder.Build(table, shapes) : null;
        if (_prefixes is null)
        {
            _trie = new ByteTrie();
            foreach (var id in Enumerable.Range(0, shapes.Length).Where(id => shapes[id].Length > 0))
            {
                _trie.Add(table.Bytes(id), id);
            }
        }
    }

    private TokenStarts(TokenPrefixes prefixes) => _prefixes = prefixes;

    /// <summary>Reads what <see cref="Write"/> wrote, or builds what was not written.</summary>
    /// <param name="image">The image.</param>
    /// <param name="size">One more than the highest id of a token.</param>
    /// <param name="tokens">As for the constructor.</param>
    public static TokenStarts Read(ImageReader image, int size, IEnumerable<(int Id, byte[] Bytes)> tokens) =>
        image.ReadNumber() != 0 ? new TokenStarts(TokenPrefixes.Read(image, token => (uint)token < (uint)size)) : new TokenStarts(tokens);

    /// <summary>Writes what takes long to build.</summary>
    public void Write(ImageWriter image)
    {
        image.Write(_prefixes is null ? 0 : 1);
        _prefixes?.Write(image);
    }

    /// <summary>How many nodes there are, which have the numbers from 0.</summary>
    public int Nodes => _prefixes?.Nodes ?? _trie!.Nodes;

    /// <summary>The token that ends at a node, or -1.</summary>
    public int TokenAt(int node) => _prefixes?.TokenAt(node) ?? _trie!.Value(node);

    /// <summary>The tokens that a text starts with, the shortest first.</summary>
    public Enumerator All(ReadOnlySpan<byte> utf8) => new(this, utf8);

    /// <summary>Goes through the tokens that a text starts with.</summary>
    public ref struct Enumerator
    {
        private readonly ByteTrie? _trie;
        private readonly ReadOnlySpan<byte> _utf8;
        private TokenPrefixes.Enumerator _prefixes;
        private int _node = ByteTrie.Root;

        public Enumerator(TokenStarts starts, ReadOnlySpan<byte> utf8)
        {
            _trie = starts._trie;
            _utf8 = utf8;
            _prefixes = starts._prefixes is null ? default : starts._prefixes.All(utf8);
        }

        /// <summary>The length of the token.</summary>
        public int Length { get; private set; }

        /// <summary>The node at which it ends.</summary>
        public int Node { get; private set; }

        public bool MoveNext()
        {
            if (_trie is not null)
            {
                return MoveInTrie();
            }

            var any = _prefixes.MoveNext();
            (Length, Node) = (_prefixes.Length, _prefixes.Node);
            return any;
        }

        private bool MoveInTrie()
        {
            for (var i = Length; i < _utf8.Length && (_node = _trie!.Child(_node, _utf8[i])) >= 0; i++)
            {
                if (_trie.Value(_node) >= 0)
                {
                    (Length, Node) = (i + 1, _node);
                    return true;
                }
            }

            return false;
        }
    }
}
