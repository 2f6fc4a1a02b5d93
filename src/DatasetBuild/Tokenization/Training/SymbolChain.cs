namespace DatasetBuild.Tokenization;

/// <summary>
/// All distinct pieces one behind the other, as the symbols that they are merged to so far. A symbol stands at its first byte; its last byte, if
/// that is another one, leads back to the first, so that both neighbours are found at once and a long piece costs no more than a short one.
/// </summary>
internal sealed class SymbolChain
{
    /// <summary>What stands between two pieces, and at the end: no symbol.</summary>
    private const int Border = int.MinValue;

    private readonly int[] _symbols;
    private readonly int[] _pieces;
    private readonly List<int> _lengths;

    /// <param name="pieces">The pieces.</param>
    /// <param name="byteSymbols">The symbol of each single byte.</param>
    /// <param name="lengths">The bytes of each symbol; grows as symbols are added.</param>
    public SymbolChain(DistinctPieces pieces, ReadOnlySpan<int> byteSymbols, List<int> lengths)
    {
        _lengths = lengths;
        _symbols = new int[pieces.TotalBytes + pieces.Count + 1];
        _pieces = new int[_symbols.Length];
        var at = 0;
        for (var piece = 0; piece < pieces.Count; piece++)
        {
            _symbols[at++] = Border;
            foreach (var b in pieces[piece])
            {
                (_symbols[at], _pieces[at++]) = (byteSymbols[b], piece);
            }
        }

        _symbols[at] = Border;
    }

    /// <summary>Places, from 0: those of symbols and those of none.</summary>
    public int Length => _symbols.Length;

    /// <summary>The symbol at a place, negative if none starts there.</summary>
    public int At(int place) => _symbols[place];

    /// <summary>The piece that a symbol at a place belongs to.</summary>
    public int PieceOf(int place) => _pieces[place];

    /// <summary>Where the symbol behind the one at <paramref name="place"/> starts, if its piece goes on.</summary>
    public int Next(int place) => place + _lengths[_symbols[place]];

    /// <summary>Where the symbol before the one at <paramref name="place"/> starts, or -1 at the start of a piece.</summary>
    public int Previous(int place) => _symbols[place - 1] is var before && before >= 0 ? place - 1 : before == Border ? -1 : ~before;

    /// <summary>Whether this pair of symbols stands at a place.</summary>
    public bool Holds(int place, int left, int right) => _symbols[place] == left && _symbols[place + _lengths[left]] == right;

    /// <summary>Makes one symbol of the two that stand at a place.</summary>
    public void Merge(int place, int merged)
    {
        // The right one must not look like a symbol any more, whether or not its first byte is also the last.
        _symbols[Next(place)] = ~place;
        _symbols[place] = merged;
        _symbols[Next(place) - 1] = ~place;
    }
}
