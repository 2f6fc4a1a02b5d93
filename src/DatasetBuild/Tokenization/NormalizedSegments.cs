using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// The general way: a segment is normalized, added tokens that are found in normalized text are taken out, the rest is cut into pieces, and the
/// model turns each piece into tokens.
/// </summary>
internal sealed class NormalizedSegments(INormalizer? normalizer, AddedTokenFinder added, IPreTokenizer? preTokenizer, ITokenModel model) : ISegmentEncoder
{
    private readonly Lazy<UnchangedTexts> _first = new(() => new UnchangedTexts(normalizer, added, preTokenizer, text => AlignedText.Of(Encoding.UTF8.GetBytes(text), new TextRange(0, text.Length))));
    private readonly Lazy<UnchangedTexts> _later = new(() => new UnchangedTexts(normalizer, added, preTokenizer, text => AlignedText.InsideOf(Encoding.UTF8.GetBytes(text))));
    private readonly Lazy<UnchangedTexts> _inner = new(() => new UnchangedTexts(normalizer, added, preTokenizer, text => AlignedText.InsideOf(Encoding.UTF8.GetBytes(" " + text))));

    public int Count(ReadOnlySpan<byte> text, TextRange segment) => TryCountUnchanged(text, segment) is >= 0 and var count ? count : Count(Normalize(text, segment));

    /// <summary>The number of tokens of a segment's first word, or -1 as for the others.</summary>
    public int TryCountFirst(ReadOnlySpan<byte> text, TextRange word, ReadOnlySpan<byte> mark) =>
        TryCountUnchanged(text, word) is >= 0 and var count ? count : TryCount(TryNormalizeWord(AlignedText.Of(text, word), [], mark));

    /// <summary>
    /// The number of tokens of a later word with its space, or -1 if it is not one any more once it is normalized: if it does not start with
    /// <paramref name="mark"/>, or ends with it or white space where it did not before. Only the last word of a text ends with white space.
    /// </summary>
    public int TryCountInner(ReadOnlySpan<byte> word, ReadOnlySpan<byte> mark) =>
        _inner.Value.TryCount(word[1..], model) is >= 0 and var count ? count : TryCount(TryNormalizeWord(AlignedText.InsideOf(word), mark, mark));

    /// <summary>Appends the tokens of a segment's first word; returns their number, or -1 as for the others, and where a token's place is not in the word.</summary>
    public int TryEncodeFirst(ReadOnlySpan<byte> text, TextRange word, ReadOnlySpan<byte> mark, List<Token> tokens) =>
        Unchanged(word).TryEncode(text, word, model, tokens) is >= 0 and var count ? count : TryEncodeWord(text, word, [], mark, tokens);

    /// <summary>The same of a later word with its space.</summary>
    public int TryEncodeInner(ReadOnlySpan<byte> text, TextRange word, ReadOnlySpan<byte> mark, List<Token> tokens) =>
        _inner.Value.TryEncode(text, word with { Start = word.Start + 1 }, model, tokens) is >= 0 and var count ? count : TryEncodeWord(text, word, mark, mark, tokens);

    private int TryEncodeWord(ReadOnlySpan<byte> text, TextRange word, ReadOnlySpan<byte> start, ReadOnlySpan<byte> mark, List<Token> tokens)
    {
        var found = new List<FoundPiece>();
        if (TryNormalizeWord(AlignedText.Of(text, word), start, mark) is not { } normalized || !TryEncode(text, normalized, found))
        {
            return -1;
        }

        foreach (var piece in found)
        {
            tokens.Add(new Token(piece.Id, piece.Start, piece.End));
        }

        return found.Count;
    }

    private int TryCountUnchanged(ReadOnlySpan<byte> text, TextRange segment) => Unchanged(segment).TryCount(text[segment.Start..segment.End], model);

    private UnchangedTexts Unchanged(TextRange segment) => (segment.Start == 0 ? _first : _later).Value;

    private int TryCount(AlignedText? normalized) => normalized is null ? -1 : Count(normalized);

    /// <summary>A word once it is normalized, or null if it is not one any more.</summary>
    private AlignedText? TryNormalizeWord(AlignedText word, ReadOnlySpan<byte> start, ReadOnlySpan<byte> mark)
    {
        var isLast = !WordCuts.IsWordEnd(word.Bytes, word.Length);
        var normalized = normalizer?.Normalize(word) ?? word;
        return normalized.Length > start.Length && normalized.Bytes.StartsWith(start) && (isLast || WordCuts.EndsInside(normalized.Bytes, mark)) ? normalized : null;
    }

    private int Count(AlignedText normalized)
    {
        var count = 0;
        foreach (var part in added.Split(normalized.Bytes))
        {
            if (part.Range.Length == 0)
            {
                continue;
            }

            if (part.Id >= 0)
            {
                count++;
                continue;
            }

            var pieces = Cut(normalized, part.Range);
            foreach (var range in pieces.Ranges)
            {
                count += model.Count(pieces.Text.Bytes[range.Start..range.End]);
            }
        }

        return count;
    }

    public void Encode(ReadOnlySpan<byte> text, TextRange segment, List<FoundPiece> tokens) => _ = TryEncode(text, Normalize(text, segment), tokens);

    /// <summary>Appends the tokens of a segment of a text; returns whether what would follow it would have the places that it has alone.</summary>
    private bool TryEncode(ReadOnlySpan<byte> text, AlignedText normalized, List<FoundPiece> tokens)
    {
        var isLocal = !normalized.Drifts;
        var found = new List<PieceToken>();
        foreach (var part in added.Split(normalized.Bytes))
        {
            if (part.Range.Length == 0)
            {
                continue;
            }

            if (part.Id >= 0)
            {
                tokens.Add(Found(text, normalized, part.Range, part.Id, literal: true));
                continue;
            }

            var pieces = Cut(normalized, part.Range);
            isLocal &= !pieces.Text.Drifts;
            foreach (var range in pieces.Ranges)
            {
                found.Clear();
                model.Encode(pieces.Text.Bytes[range.Start..range.End], found);
                isLocal &= PieceToken.Cover(found, range.Length);
                foreach (var token in found)
                {
                    // Bytes that spell what was put around a character can stand for more than the piece has; their place is the reference library's.
                    tokens.Add(token.End <= range.Length
                        ? Found(text, pieces.Text, new TextRange(range.Start + token.Start, range.Start + token.End), token.Id, token.Literal)
                        : new FoundPiece(token.Id, Math.Min(token.Start, text.Length), Math.Min(token.End, text.Length)));
                }
            }
        }

        return isLocal;
    }

    private AlignedText Normalize(ReadOnlySpan<byte> text, TextRange segment)
    {
        var original = AlignedText.Of(text, segment);
        return normalizer?.Normalize(original) ?? original;
    }

    private TextPieces Cut(AlignedText text, TextRange range)
    {
        var whole = new TextPieces(text, [range]);
        return preTokenizer?.Split(whole) ?? whole;
    }

    private static FoundPiece Found(ReadOnlySpan<byte> original, AlignedText text, TextRange range, int id, bool literal)
    {
        var place = text.OriginalRange(original, range);
        return new FoundPiece(id, place.Start, place.End, literal ? Encoding.UTF8.GetString(text.Bytes[range.Start..range.End]) : null);
    }
}
