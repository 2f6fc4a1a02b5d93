using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// SentencePiece's BPE: from characters on, the two neighbours are merged that make the piece with the highest score, the leftmost of equals, until none
/// make a piece. User-defined pieces are never merged; unused ones are taken apart again at the end.
/// </summary>
internal sealed class SentencePieceBpe : ISentencePieceModel
{
    private static readonly byte[] Mark = Encoding.UTF8.GetBytes(SentencePieceTokenizer.Mark);

    private readonly Vocabulary _pieces;
    private readonly Vocabulary _all;
    private readonly int[] _ranks;
    private readonly bool[] _isUnused;
    private readonly bool _anyUnused;
    private readonly ByteTrie _userDefined;
    private readonly SearchValues<byte> _userDefinedStarts;
    private readonly DeferredEncoder _encoder;
    private readonly int _unknown;
    private readonly bool _byteFallback;

    public SentencePieceBpe(SentencePieceFile model, ByteTrie userDefined, ImageReader? image = null)
    {
        _userDefined = userDefined;
        _userDefinedStarts = userDefined.Starts();
        _byteFallback = model.ByteFallback;
        _isUnused = [.. model.Pieces.Select(piece => piece.Kind == PieceKind.Unused)];
        _anyUnused = _isUnused.Contains(true);
        _unknown = model.Pieces.FindIndex(piece => piece.Kind == PieceKind.Unknown);
        if (image is null)
        {
            var pieces = model.Pieces.Select((piece, id) => (piece.Text, Id: id, piece.Kind)).ToList();
            _all = new Vocabulary([.. pieces.Select(piece => (piece.Text, piece.Id))]);
            _pieces = new Vocabulary(
                [.. pieces.Where(piece => piece.Kind is PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused).Select(piece => (piece.Text, piece.Id))]);

            // The highest score is the lowest rank; equal scores are equal ranks, so that the place decides.
            var scores = model.Pieces.Select(piece => piece.Score).Distinct().OrderDescending().ToList();
            var ranks = scores.Index().ToDictionary(score => score.Item, score => score.Index);
            _ranks = [.. model.Pieces.Select(piece => ranks[piece.Score])];
            _encoder = new DeferredEncoder(model.Pieces.Count, Encoder);
        }
        else
        {
            (_all, _pieces, _ranks) = (Vocabulary.Read(image), Vocabulary.Read(image), image.ReadInts());
            ImageReader.Expect(_all.Size <= model.Pieces.Count && _pieces.Size <= model.Pieces.Count && _ranks.Length == model.Pieces.Count);
            _encoder = DeferredEncoder.Read(image);
        }

        KeepsToWords = !_anyUnused && SentencePieceWords.KeepToWords([.. _pieces.Tokens().Select(piece => piece.Utf8)]);
    }

    /// <remarks>Which two an unused piece is taken apart into depends on the whole text.</remarks>
    public bool KeepsToWords { get; }

    public int MostPieces => int.MaxValue;

    public void Write(ImageWriter image)
    {
        _all.Write(image);
        _pieces.Write(image);
        image.Write<int>(_ranks);
        _encoder.Write(image);
    }

    public void Split(ReadOnlySpan<byte> text, List<(int Id, TextRange Range)> pieces)
    {
        if (!text.IsEmpty && text.IndexOfAny(_userDefinedStarts) < 0 && TrySplit(text, pieces))
        {
            return;
        }

        for (var start = 0; start < text.Length;)
        {
            var end = WordEnd(text, start);
            SplitWord(text[start..end], start, pieces);
            start = end;
        }
    }

    private bool TrySplit(ReadOnlySpan<byte> text, List<(int Id, TextRange Range)> pieces)
    {
        var tokens = new List<PieceToken>();
        var isSplit = _encoder.TryEncode(text, tokens);
        foreach (ref readonly var token in CollectionsMarshal.AsSpan(tokens))
        {
            pieces.Add((token.Id, new TextRange(token.Start, token.End)));
        }

        return isSplit;
    }

    public WordCount CountWord(ReadOnlySpan<byte> word) => Count(word);

    public WordCount SplitWord(ReadOnlySpan<byte> word, List<(int Id, TextRange Range)> pieces)
    {
        var first = pieces.Count;
        Split(word, pieces);
        return Tally(pieces, first);
    }

    public int Count(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && text.IndexOfAny(_userDefinedStarts) < 0 && _encoder.TryCount(text) is >= 0 and var count)
        {
            return count;
        }

        var pieces = new List<(int Id, TextRange Range)>();
        Split(text, pieces);
        return Tally(pieces, 0);
    }

    private int Tally(List<(int Id, TextRange Range)> pieces, int first)
    {
        var tally = new PieceTally(_byteFallback);
        foreach (var (id, range) in CollectionsMarshal.AsSpan(pieces)[first..])
        {
            tally.Add(id == _unknown, range.Length);
        }

        return tally.Tokens;
    }

    /// <summary>Counts texts all characters of which are pieces; null if some pieces are not what it makes of their text.</summary>
    private BytePairEncoder? Encoder()
    {
        var pieces = _pieces.Tokens().Where(piece => piece.Utf8.Length > 0).ToList();
        if (_anyUnused || !pieces.TrueForAll(piece => _all.Find(piece.Utf8) == piece.Id))
        {
            return null;
        }

        var merges = new MergeTable(pieces.Count);
        foreach (var (utf8, id) in pieces)
        {
            for (var at = Utf8Scalars.Length(utf8[0]); at < utf8.Length; at += Utf8Scalars.Length(utf8[at]))
            {
                if (_pieces.Find(utf8.AsSpan(..at)) is >= 0 and var left && _pieces.Find(utf8.AsSpan(at..)) is >= 0 and var right)
                {
                    merges.Add(left, right, _ranks[id], id);
                }
            }
        }

        return new BytePairEncoder(new TokenTable([.. pieces.Select(piece => (piece.Id, piece.Utf8, true))]), merges, wholePieces: false, ofCharacters: true);
    }

    /// <summary>Where the word ends that starts at a place: before a mark, if the text may be cut there.</summary>
    private int WordEnd(ReadOnlySpan<byte> text, int start)
    {
        for (var (at, distance) = (start + 1, 0); KeepsToWords && at < text.Length && (distance = text[at..].IndexOf(Mark)) >= 0; at++)
        {
            at += distance;
            if (WordCuts.EndsInside(text[start..at], Mark))
            {
                return at;
            }
        }

        return text.Length;
    }

    private void SplitWord(ReadOnlySpan<byte> text, int place, List<(int Id, TextRange Range)> pieces)
    {
        var symbols = Symbols(text);
        var halves = _anyUnused ? new Dictionary<string, int>(StringComparer.Ordinal) : null;
        using var list = Merged(text, symbols, halves);
        for (var i = 0; i >= 0; i = list.Next(i))
        {
            Append(text, symbols[i].Range, place, halves, pieces);
        }
    }

    /// <summary>Merges symbols in their place, and returns which of them are left.</summary>
    private PairHeap Merged(ReadOnlySpan<byte> text, List<(TextRange Range, bool Frozen)> symbols, Dictionary<string, int>? halves)
    {
        var list = new PairHeap(symbols.Count);
        var merging = new Merging(this, text, symbols, halves);
        list.MergeAll(ref merging);
        return list;
    }

    private List<(TextRange Range, bool Frozen)> Symbols(ReadOnlySpan<byte> text)
    {
        var symbols = new List<(TextRange, bool)>(text.Length);
        for (var start = 0; start < text.Length;)
        {
            var length = _userDefined.LongestPrefix(text[start..], out _);
            var end = start + (length > 0 ? length : Utf8Scalars.Length(text[start]));
            symbols.Add((new TextRange(start, end), length > 0));
            start = end;
        }

        return symbols;
    }

    private void Append(ReadOnlySpan<byte> text, TextRange range, int place, Dictionary<string, int>? halves, List<(int Id, TextRange Range)> pieces)
    {
        var utf8 = text[range.Start..range.End];
        var id = _all.Find(utf8) is >= 0 and var known ? known : _unknown;
        if (_isUnused[id] && halves!.TryGetValue(Encoding.UTF8.GetString(utf8), out var left))
        {
            Append(text, new TextRange(range.Start, range.Start + left), place, halves, pieces);
            Append(text, new TextRange(range.Start + left, range.End), place, halves, pieces);
            return;
        }

        pieces.Add((id, new TextRange(place + range.Start, place + range.End)));
    }

    /// <summary>The symbols of one text; <paramref name="halves"/> remembers of which two an unused piece was made last, by the bytes of the left one.</summary>
    private readonly ref struct Merging(
        SentencePieceBpe model, ReadOnlySpan<byte> text, List<(TextRange Range, bool Frozen)> symbols, Dictionary<string, int>? halves) : IMergedPairs
    {
        private readonly ReadOnlySpan<byte> _text = text;

        public int Rank(int left, int right)
        {
            if (symbols[left].Frozen || symbols[right].Frozen)
            {
                return MergeTable.None;
            }

            var piece = _text[symbols[left].Range.Start..symbols[right].Range.End];
            if (model._pieces.Find(piece) is not (>= 0 and var id))
            {
                return MergeTable.None;
            }

            if (halves is not null && model._isUnused[id])
            {
                halves[Encoding.UTF8.GetString(piece)] = symbols[left].Range.Length;
            }

            return model._ranks[id];
        }

        public void Merge(int left, int right) =>
            symbols[left] = (new TextRange(symbols[left].Range.Start, symbols[right].Range.End), false);
    }
}
