using System.Buffers;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>The options of a BPE model beside its vocabulary and merges.</summary>
/// <param name="UnknownToken">What stands for a character without a token; null makes such characters vanish.</param>
/// <param name="ContinuingPrefix">Put before each character but the first before it is looked up.</param>
/// <param name="EndSuffix">Put behind the last character before it is looked up.</param>
/// <param name="FuseUnknown">Whether neighbouring unknown characters are one token.</param>
/// <param name="ByteFallback">Whether a character without a token is spelled in bytes, if all of them have tokens.</param>
/// <param name="IgnoreMerges">Whether a piece that is a token is that token, whatever the merges say.</param>
internal sealed record BpeOptions(
    string? UnknownToken, string ContinuingPrefix, string EndSuffix, bool FuseUnknown, bool ByteFallback, bool IgnoreMerges);

/// <summary>
/// BPE over characters: each character of a piece is looked up, what has no token is spelled in bytes or unknown, and then neighbouring tokens
/// are merged, the lowest rank first.
/// </summary>
internal sealed class BpeModel : ITokenModel
{
    private const int ImageMark = 0x02020304;

    private readonly MergeTable _merges;
    private readonly BpeOptions _options;
    private readonly DeferredEncoder _encoder;
    private readonly byte[] _prefix;
    private readonly byte[] _suffix;
    private readonly int _unknown;
    private readonly ByteTokens? _bytes;
    private int _mark = -1;
    private bool[] _isWhite = [];

    public BpeModel(Vocabulary vocabulary, MergeTable merges, BpeOptions options)
        : this(vocabulary, merges, new DeferredEncoder(vocabulary.Count, () => Encoder(vocabulary, merges, options)), options)
    {
    }

    private BpeModel(Vocabulary vocabulary, MergeTable merges, DeferredEncoder encoder, BpeOptions options)
    {
        (Vocabulary, _merges, _encoder, _options) = (vocabulary, merges, encoder, options);
        _prefix = Encoding.UTF8.GetBytes(options.ContinuingPrefix);
        _suffix = Encoding.UTF8.GetBytes(options.EndSuffix);
        _unknown = options.UnknownToken is { } token ? vocabulary.Find(token) : -1;
        _bytes = options.ByteFallback ? new ByteTokens(vocabulary) : null;
    }

    public Vocabulary Vocabulary { get; }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static BpeModel Read(ImageReader image, BpeOptions options)
    {
        ImageReader.Expect(image.ReadNumber() == ImageMark);
        var vocabulary = Vocabulary.Read(image);
        var encoder = DeferredEncoder.Read(image);
        var merges = encoder.Value?.Merges ?? MergeTable.Read(image, vocabulary.Size);
        ImageReader.Expect(image.AtEnd);
        foreach (var (left, right) in merges.Pairs())
        {
            ImageReader.Expect(vocabulary.Contains(left) && vocabulary.Contains(right));
        }

        return new BpeModel(vocabulary, merges, encoder, options);
    }

    /// <summary>Writes the model as it stands in memory, with its encoder.</summary>
    public void Write(ImageWriter image)
    {
        image.Write(ImageMark);
        Vocabulary.Write(image);
        _encoder.Write(image);
        if (_encoder.Value is null)
        {
            _merges.Write(image);
        }
    }

    /// <summary>
    /// Whether a piece may be cut before each <paramref name="mark"/> that stands behind a character of a word: it is a token that no merge joins to such a
    /// character, and nothing depends on where a piece starts and ends.
    /// </summary>
    public bool MayCutBefore(Rune mark) =>
        _prefix.Length + _suffix.Length == 0 && !_options.IgnoreMerges && Vocabulary.Find(mark.ToString()) >= 0 && !AnyMergeReachesOver(Encoding.UTF8.GetBytes(mark.ToString()));

    /// <summary>Merges words by themselves from now on, if they may be cut before SentencePiece's mark: what is merged at a time stays short.</summary>
    public BpeModel CutBeforeMarks()
    {
        var mark = new Rune('\u2581');
        if (MayCutBefore(mark))
        {
            _mark = Vocabulary.Find(mark.ToString());
            var utf8 = Encoding.UTF8.GetBytes(mark.ToString());
            _isWhite = [.. Enumerable.Range(0, Vocabulary.Size).Select(id => Vocabulary.Contains(id) && !WordCuts.EndsInside(Vocabulary.Bytes(id), utf8))];
        }

        return this;
    }

    private bool AnyMergeReachesOver(byte[] mark)
    {
        foreach (var (left, right) in _merges.Pairs())
        {
            if (Vocabulary.Bytes(right).StartsWith(mark) && WordCuts.EndsInside(Vocabulary.Bytes(left), mark))
            {
                return true;
            }
        }

        return false;
    }

    public int Count(ReadOnlySpan<byte> piece) => _encoder.TryCount(piece) is >= 0 and var count ? count : Walk(piece, null);

    public void Encode(ReadOnlySpan<byte> piece, List<PieceToken> tokens)
    {
        if (!_encoder.TryEncode(piece, tokens))
        {
            Walk(piece, tokens);
        }
    }

    /// <summary>Counts and encodes pieces all characters of which are tokens; null where a piece is more than its characters, or a token not what its text leads to.</summary>
    private static BytePairEncoder? Encoder(Vocabulary vocabulary, MergeTable merges, BpeOptions options)
    {
        var tokens = vocabulary.Tokens().Select(token => (token.Id, token.Utf8, true)).ToList();
        return options.ContinuingPrefix.Length + options.EndSuffix.Length == 0 && tokens.TrueForAll(token => vocabulary.Find(token.Utf8) == token.Id)
            ? new BytePairEncoder(new TokenTable(tokens), merges, options.IgnoreMerges, ofCharacters: true)
            : null;
    }

    private int Walk(ReadOnlySpan<byte> piece, List<PieceToken>? tokens)
    {
        if (_options.IgnoreMerges && Vocabulary.Find(piece) is >= 0 and var whole)
        {
            tokens?.Add(new PieceToken(whole, 0, piece.Length));
            return 1;
        }

        var most = MostSymbols(piece.Length);
        var ids = ArrayPool<int>.Shared.Rent(most);
        var lengths = ArrayPool<int>.Shared.Rent(most);
        try
        {
            var symbols = new Symbols(ids, lengths);
            AddSymbols(piece, ref symbols);
            return Merge(symbols, tokens);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(ids);
            ArrayPool<int>.Shared.Return(lengths);
        }
    }

    // Only a spelling in bytes makes more symbols than the piece has bytes: it also spells what is put around a character.
    private int MostSymbols(int bytes) => checked((bytes * (1 + (_bytes is null ? 0 : _prefix.Length))) + (_bytes is null ? 0 : _suffix.Length) + 1);

    private void AddSymbols(ReadOnlySpan<byte> piece, ref Symbols symbols)
    {
        var size = _prefix.Length + _suffix.Length + 4;
        Span<byte> buffer = size <= 256 ? stackalloc byte[size] : new byte[size];
        // Unknown characters wait until the next one that is known, so bytes that come in between stand before them.
        var waiting = 0;
        for (var i = 0; i < piece.Length;)
        {
            var length = Utf8Scalars.Length(piece[i]);
            var symbol = Written(piece.Slice(i, length), first: i == 0, last: i + length == piece.Length, buffer);
            i += length;
            if (Vocabulary.Find(symbol) is >= 0 and var id)
            {
                symbols.AddIfAny(_unknown, waiting);
                symbols.Add(id, length);
                waiting = 0;
            }
            else if (_bytes is not null && _bytes.Covers(symbol))
            {
                foreach (var b in symbol)
                {
                    symbols.Add(_bytes[b], 1);
                }
            }
            else if (_options.UnknownToken is not null)
            {
                if (_unknown < 0)
                {
                    throw NoToken.For(piece.Slice(i - length, length), _options.UnknownToken);
                }

                symbols.AddIfAny(_unknown, _options.FuseUnknown ? 0 : waiting);
                waiting = length + (_options.FuseUnknown ? waiting : 0);
            }
        }

        symbols.AddIfAny(_unknown, waiting);
    }

    private ReadOnlySpan<byte> Written(ReadOnlySpan<byte> character, bool first, bool last, Span<byte> buffer)
    {
        var prefix = first ? [] : _prefix;
        var suffix = last ? _suffix : [];
        if (prefix.Length + suffix.Length == 0)
        {
            return character;
        }

        prefix.CopyTo(buffer);
        character.CopyTo(buffer[prefix.Length..]);
        suffix.CopyTo(buffer[(prefix.Length + character.Length)..]);
        return buffer[..(prefix.Length + character.Length + suffix.Length)];
    }

    /// <summary>Merges the symbols of a piece, word by word where that is the same.</summary>
    private int Merge(in Symbols symbols, List<PieceToken>? tokens)
    {
        var (count, place, first) = (0, 0, 0);
        for (var i = 1; i <= symbols.Count; i++)
        {
            if (i == symbols.Count || (symbols.Ids[i] == _mark && !_isWhite[symbols.Ids[i - 1]]))
            {
                count += Merge(symbols.Ids[first..i], symbols.Lengths[first..i], ref place, tokens);
                first = i;
            }
        }

        return count;
    }

    private int Merge(Span<int> ids, Span<int> lengths, ref int place, List<PieceToken>? tokens)
    {
        if (ids.Length > BytePairMerger.ShortPiece)
        {
            return MergeLong(ids, lengths, ref place, tokens);
        }

        var count = BytePairMerger.MergeShort(_merges, ids, tokens is null ? [] : lengths, out _);
        for (var i = 0; tokens is not null && i < count; i++)
        {
            tokens.Add(new PieceToken(ids[i], place, place + lengths[i]));
            place += lengths[i];
        }

        return count;
    }

    private int MergeLong(Span<int> ids, Span<int> lengths, ref int place, List<PieceToken>? tokens)
    {
        using var list = new PairHeap(ids.Length);
        var pairs = new MergedTokens(_merges, ids);
        list.MergeAll(ref pairs);
        var count = 0;
        for (var i = 0; i >= 0; count++)
        {
            var next = list.Next(i);
            var end = place;
            foreach (var length in lengths[i..(next < 0 ? ids.Length : next)])
            {
                end += length;
            }

            tokens?.Add(new PieceToken(ids[i], place, end));
            (i, place) = (next, end);
        }

        return count;
    }

    /// <summary>The symbols of a piece in the order in which they are merged, with the bytes of the piece that each stands for.</summary>
    private ref struct Symbols(Span<int> ids, Span<int> lengths)
    {
        public readonly Span<int> Ids = ids;
        public readonly Span<int> Lengths = lengths;

        public int Count { get; private set; }

        public void Add(int id, int length)
        {
            Ids[Count] = id;
            Lengths[Count++] = length;
        }

        public void AddIfAny(int id, int length)
        {
            if (length > 0)
            {
                Add(id, length);
            }
        }
    }
}
