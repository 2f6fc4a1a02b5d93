using System.Runtime.CompilerServices;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Finds all tokens of a vocabulary in a text, by where they end: an automaton (Aho and Corasick 1975) that takes each byte once. A state stands for the longest end of what was read that some
/// token starts with. The tokens that end at a place are that state's longest one, the next shorter end of that which is a token too, and so on.
/// </summary>
internal sealed class TokenEnds
{
    /// <summary>Before the first byte.</summary>
    private const int Start = ByteTrie.Root;

    private const int NotYet = -2;

    private readonly TokenPrefixes? _prefixes;
    private readonly ByteTrie? _trie;

    // Of each state: that of its longest end but itself, and the longest token that it ends with, or -1.
    private readonly int[] _shorterStates;
    private readonly int[] _longestTokens;

    // Of each token: the longest other one that it ends with, or -1; and its bytes.
    private readonly int[] _shorterTokens;
    private readonly int[] _lengths;

    /// <param name="tokens">Tokens with distinct ids, none of them empty; of equal ones the last counts. They are found where characters start and end.</param>
    public TokenEnds(IEnumerable<(int Id, byte[] Bytes)> tokens)
    {
        var table = new TokenTable([.. tokens.Select(token => (token.Id, token.Bytes, true))]);
        var shapes = new TokenShape[table.Size];
        var found = new List<int>();
        for (var id = 0; id < table.Size; id++)
        {
            if (table.Contains(id) && table.Find(table.Bytes(id)) == id && (table.Bytes(id)[0] & 0xC0) != 0x80)
            {
                shapes[id] = new TokenShape(-1, -1, -1, -1, table.Length(id));
                found.Add(id);
            }
        }

        _prefixes = found.Count > 0 ? TokenPrefixesBuilder.Build(table, shapes) : null;
        if (_prefixes is null)
        {
            _trie = new ByteTrie();
            found.ForEach(id => _trie.Add(table.Bytes(id), id));
        }

        (_shorterTokens, _lengths) = (new int[table.Size], new int[table.Size]);
        _shorterTokens.AsSpan().Fill(-1);
        found.ForEach(id => _lengths[id] = table.Length(id));
        (_shorterStates, _longestTokens) = Link(table, found);
    }

    private TokenEnds(ImageReader image, int size)
    {
        _prefixes = TokenPrefixes.Read(image, token => (uint)token < (uint)size);
        _shorterStates = image.ReadInts();
        _longestTokens = image.ReadInts();
        _shorterTokens = image.ReadInts();
        _lengths = image.ReadInts();
        ImageReader.Expect(_shorterStates.Length == _prefixes.Nodes && _longestTokens.Length == _prefixes.Nodes && _shorterTokens.Length <= size && _lengths.Length == _shorterTokens.Length);
        foreach (var token in _longestTokens)
        {
            ImageReader.Expect((uint)(token + 1) <= (uint)_lengths.Length);
        }

        for (var token = 0; token < _lengths.Length; token++)
        {
            var shorter = _shorterTokens[token];
            ImageReader.Expect(shorter == -1 || ((uint)shorter < (uint)_lengths.Length && _lengths[shorter] < _lengths[token]));
        }

        foreach (var state in _shorterStates)
        {
            ImageReader.Expect((uint)state < (uint)_shorterStates.Length);
        }

        foreach (var state in _shorterStates)
        {
            var left = TokenPrefixesBuilder.LongestToken;
            for (var end = state; end != Start; end = _shorterStates[end])
            {
                ImageReader.Expect(--left > 0);
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote, or builds what was not written.</summary>
    /// <param name="image">The image.</param>
    /// <param name="size">One more than the highest id of a token.</param>
    /// <param name="tokens">As for the constructor.</param>
    public static TokenEnds Read(ImageReader image, int size, IEnumerable<(int Id, byte[] Bytes)> tokens) => image.ReadNumber() != 0 ? new TokenEnds(image, size) : new TokenEnds(tokens);

    /// <summary>Writes what takes long to build.</summary>
    public void Write(ImageWriter image)
    {
        image.Write(_prefixes is null ? 0 : 1);
        if (_prefixes is not null)
        {
            _prefixes.Write(image);
            image.Write<int>(_shorterStates);
            image.Write<int>(_longestTokens);
            image.Write<int>(_shorterTokens);
            image.Write<int>(_lengths);
        }
    }

    /// <summary>One more than the highest id.</summary>
    public int Size => _lengths.Length;

    /// <summary>The bytes of a token; 0 for an id that has none, or that of an equal one which counts instead.</summary>
    public int Length(int token) => _lengths[token];

    /// <summary>The longest token that a token ends with besides itself, or -1.</summary>
    public int Shorter(int token) => _shorterTokens[token];

    /// <summary>The automaton before the first byte of a text.</summary>
    public Reader NewReader() => new(this);

    private int Child(int state, byte next) => _prefixes is null ? _trie!.Child(state, next) : _prefixes.Child(state, next);

    /// <summary>Links the states, those of a length after all shorter ones.</summary>
    private (int[] ShorterStates, int[] LongestTokens) Link(TokenTable table, List<int> tokens)
    {
        var states = _prefixes?.Nodes ?? _trie!.Nodes;
        var shorterStates = new int[states];
        var longestTokens = new int[states];
        longestTokens.AsSpan().Fill(NotYet);
        longestTokens[Start] = -1;
        tokens.Sort((left, right) => table.Length(right).CompareTo(table.Length(left)));
        var reached = new int[tokens.Count];
        for (int length = 0, count = tokens.Count; count > 0; length++)
        {
            while (count > 0 && table.Length(tokens[count - 1]) <= length)
            {
                count--;
            }

            for (var i = 0; i < count; i++)
            {
                var next = table.Bytes(tokens[i])[length];
                var (parent, state) = (reached[i], Child(reached[i], next));
                if (longestTokens[state] == NotYet)
                {
                    var shorter = parent;
                    var end = Start;
                    while (shorter != Start && end == Start)
                    {
                        shorter = shorterStates[shorter];
                        end = Math.Max(Child(shorter, next), Start);
                    }

                    var own = _prefixes?.TokenAt(state) ?? _trie!.Value(state);
                    shorterStates[state] = end;
                    longestTokens[state] = own >= 0 ? own : longestTokens[end];
                    if (own >= 0)
                    {
                        _shorterTokens[own] = longestTokens[end];
                    }
                }

                reached[i] = state;
            }
        }

        return (shorterStates, Array.ConvertAll(longestTokens, token => Math.Max(token, -1)));
    }

    /// <summary>Takes the bytes of a text one by one.</summary>
    public ref struct Reader
    {
        // What every byte needs lies at hand, and not behind the objects that own it.
        private readonly TokenPrefixes.Children _children;
        private readonly ByteTrie? _trie;
        private readonly ReadOnlySpan<int> _shorterStates;
        private readonly ReadOnlySpan<int> _longestTokens;
        private int _state;

        public Reader(TokenEnds ends)
        {
            _children = ends._prefixes is null ? default : ends._prefixes.AllChildren;
            _trie = ends._trie;
            _shorterStates = ends._shorterStates;
            _longestTokens = ends._longestTokens;
            _state = Start;
        }

        /// <summary>The longest token that ends behind the last byte, or -1.</summary>
        public readonly int Longest => _longestTokens[_state];

        /// <summary>Takes one more byte.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Take(byte next)
        {
            var state = _state;
            int child;
            while ((child = _trie is null ? _children.Of(state, next) : _trie.Child(state, next)) < 0 && state != Start)
            {
                state = _shorterStates[state];
            }

            _state = Math.Max(child, Start);
        }
    }
}
