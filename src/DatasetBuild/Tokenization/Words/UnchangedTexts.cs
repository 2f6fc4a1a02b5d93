using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The texts whose lines normalizer and pre-tokenizer make one piece each of, themselves but for what is put before them. Most words are of that kind, and
/// are counted and encoded without a copy of each for every part.
/// </summary>
internal sealed class UnchangedTexts
{
    private readonly INormalizer? _normalizer;
    private readonly AddedTokenFinder _added;
    private readonly IPreTokenizer? _preTokenizer;
    private readonly Before? _before;

    // What is put before a line behind one line break, and behind two. Null where more than that happens.
    private readonly Before?[] _beforeLine = new Before?[2];

    /// <param name="normalizer">The parts of the tokenizer.</param>
    /// <param name="added">As <paramref name="normalizer"/>.</param>
    /// <param name="preTokenizer">As <paramref name="normalizer"/>.</param>
    /// <param name="place">Makes a text one of these, perhaps with the space before it.</param>
    public UnchangedTexts(INormalizer? normalizer, AddedTokenFinder added, IPreTokenizer? preTokenizer, Func<string, AlignedText> place)
    {
        (_normalizer, _added, _preTokenizer) = (normalizer, added, preTokenizer);
        _before = Befores(place("a")) is [var before] && Keep("a"u8) ? before : null;
        _beforeLine[0] = Befores(place("a\na")) is [_, var behindOne] ? behindOne : null;
        _beforeLine[1] = Befores(place("a\n\na")) is [_, var behindTwo] ? behindTwo : null;
    }

    /// <summary>The number of tokens of a text, or -1 if it is none of these, as far as is easily seen.</summary>
    public int TryCount(ReadOnlySpan<byte> utf8, ITokenModel model) => TryTake(utf8, new TextRange(0, utf8.Length), model, null);

    /// <summary>Appends the tokens of a part of a text; returns their number, or appends none and returns -1 if the part is none of these, as far as is easily seen.</summary>
    public int TryEncode(ReadOnlySpan<byte> text, TextRange part, ITokenModel model, List<Token> tokens)
    {
        var first = tokens.Count;
        var count = TryTake(text, part, model, tokens);
        if (count < 0)
        {
            CollectionsMarshal.SetCount(tokens, first);
        }

        return count;
    }

    private int TryTake(ReadOnlySpan<byte> text, TextRange part, ITokenModel model, List<Token>? tokens)
    {
        if (_before is null)
        {
            return -1;
        }

        var (before, count) = (_before, 0);
        while (_beforeLine[0] is not null && text[part.Start..part.End].IndexOf((byte)'\n') is >= 0 and var length)
        {
            var end = part.Start + length;
            var breaks = end + 1 < part.End && text[end + 1] == '\n' ? 2 : 1;
            var line = TryTakeLine(before, text, part with { End = end }, model, tokens);
            if (line < 0 || _beforeLine[breaks - 1] is not { } next)
            {
                return -1;
            }

            count += line;
            part = part with { Start = end + breaks };
            before = next;
        }

        return TryTakeLine(before, text, part, model, tokens) is >= 0 and var last ? count + last : -1;
    }

    [SkipLocalsInit]
    private int TryTakeLine(Before before, ReadOnlySpan<byte> text, TextRange line, ITokenModel model, List<Token>? tokens)
    {
        var utf8 = text[line.Start..line.End];
        if (utf8.IsEmpty || !Keep(utf8))
        {
            return -1;
        }

        using var piece = new JoinedBytes(before.Bytes, utf8, stackalloc byte[JoinedBytes.Room]);
        return tokens is null ? model.Count(piece.Bytes) : TryEncode(before, text, line, piece.Bytes, model, tokens);
    }

    private static int TryEncode(Before before, ReadOnlySpan<byte> text, TextRange line, ReadOnlySpan<byte> piece, ITokenModel model, List<Token> tokens)
    {
        var found = new List<PieceToken>();
        model.Encode(piece, found);
        if (before.PlaceAt(text, line.Start) is not { } place || !PieceToken.Cover(found, piece.Length))
        {
            return -1;
        }

        var (lead, start) = (before.Bytes.Length, line.Start - before.Bytes.Length);
        foreach (ref readonly var token in CollectionsMarshal.AsSpan(found))
        {
            // Bytes of a character have the place of all of it.
            var first = token.Start < lead ? place.Start : Utf8Scalars.StartOf(text, start + token.Start);
            var last = token.End > lead ? Utf8Scalars.StartOf(text, start + token.End - 1) : -1;
            tokens.Add(new Token(token.Id, first, last < 0 ? place.End : last + Utf8Scalars.Length(text[last])));
        }

        return found.Count;
    }

    private bool Keep(ReadOnlySpan<byte> line) => (_normalizer?.Keeps(line) ?? true) && _added.KeepsOut(line) && (_preTokenizer?.Keeps(line) ?? true);

    /// <summary>What stands before the letter a in each piece of a text; null if it is not that, or a part may look at what stands there.</summary>
    private List<Before>? Befores(AlignedText letters)
    {
        try
        {
            var normalized = _normalizer?.Normalize(letters) ?? letters;
            var whole = new TextPieces(normalized, [new TextRange(0, normalized.Length)]);
            var (text, ranges) = normalized.Length == 0 ? whole : _preTokenizer?.Split(whole) ?? whole;
            return ranges.TrueForAll(range => Encoding.UTF8.GetString(text.Bytes[range.Start..range.End]) is "a" or " a" or "\u2581a") && _added.KeepsOut(normalized.Bytes)
                ? ranges.ConvertAll(range => Before.Of(text, range))
                : null;
        }
        catch (DatasetException)
        {
            // A part goes astray even on this, which is told when there is a text.
            return null;
        }
    }

    /// <summary>What is put before a line.</summary>
    /// <param name="Bytes">A mark or nothing.</param>
    /// <param name="Origin">Where it came from, counted from the line's start: 0 is the line's first character, -1 a space before it. Null where that is not told of all of it.</param>
    /// <param name="IsNew">Whether it came from no character, and only stands there.</param>
    private sealed record Before(byte[] Bytes, int? Origin, bool IsNew)
    {
        /// <summary>What stands before the letter at the end of a piece.</summary>
        public static Before Of(AlignedText text, TextRange piece)
        {
            var bytes = text.Bytes[piece.Start..piece.End];
            var origins = text.Origins[piece.Start..piece.End];
            var origin = origins[0] < 0 ? ~origins[0] : origins[0];
            return new Before(bytes[..^1].ToArray(), origins[..^1].ContainsAnyExcept(origins[0]) || origin > origins[^1] ? null : origin - origins[^1], origins[0] < 0);
        }

        /// <summary>The place of a token that is made of nothing else, before a line that starts at <paramref name="start"/>.</summary>
        public TextRange? PlaceAt(ReadOnlySpan<byte> text, int start) =>
            Origin is not { } origin || start + origin < 0 ? null
            : IsNew ? new TextRange(start + origin, start + origin)
            : new TextRange(start + origin, start + origin + Utf8Scalars.Length(text[start + origin]));
    }
}
