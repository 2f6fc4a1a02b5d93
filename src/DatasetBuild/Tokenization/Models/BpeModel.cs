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
internal sealed class BpeModel(Vocabulary vocabulary, MergeTable merges, BpeOptions options) : ITokenModel
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(options.ContinuingPrefix);
    private readonly byte[] _suffix = Encoding.UTF8.GetBytes(options.EndSuffix);
    private readonly int _unknown = options.UnknownToken is { } token ? vocabulary.Find(token) : -1;
    private readonly ByteTokens? _bytes = options.ByteFallback ? new ByteTokens(vocabulary) : null;

    public Vocabulary Vocabulary { get; } = vocabulary;

    public int Count(ReadOnlySpan<byte> piece) => Walk(piece, null);

    public void Encode(ReadOnlySpan<byte> piece, List<PieceToken> tokens) => Walk(piece, tokens);

    private int Walk(ReadOnlySpan<byte> piece, List<PieceToken>? tokens)
    {
        if (options.IgnoreMerges && Vocabulary.Find(piece) is >= 0 and var whole)
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
            else if (options.UnknownToken is not null)
            {
                if (_unknown < 0)
                {
                    throw NoToken.For(piece.Slice(i - length, length), options.UnknownToken);
                }

                symbols.AddIfAny(_unknown, options.FuseUnknown ? 0 : waiting);
                waiting = length + (options.FuseUnknown ? waiting : 0);
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

    private int Merge(in Symbols symbols, List<PieceToken>? tokens)
    {
        if (symbols.Count == 0)
        {
            return 0;
        }

        using var list = new PairHeap(symbols.Count);
        var pairs = new MergedTokens(merges, symbols.Ids);
        list.MergeAll(ref pairs);
        var count = 0;
        for (var (i, start) = (0, 0); i >= 0; count++)
        {
            var next = list.Next(i);
            var end = start;
            for (var part = i; part < (next < 0 ? symbols.Count : next); part++)
            {
                end += symbols.Lengths[part];
            }

            tokens?.Add(new PieceToken(symbols.Ids[i], start, end));
            (i, start) = (next, end);
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
