using System.Runtime.CompilerServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Counts or encodes the words of a text one by one. A word inside a text is what follows its space, with the mark that is put before a text.
/// </summary>
/// <param name="first">Normalizes the word that starts a text.</param>
/// <param name="inner">Normalizes what follows a space: the same, with the mark before it.</param>
/// <param name="model">Cuts a normalized word into pieces.</param>
/// <param name="placed">Makes tokens out of them.</param>
internal sealed class SentencePieceWords(SentencePieceNormalizer first, SentencePieceNormalizer inner, ISentencePieceModel model, PlacedPieces placed) : WordByWord(model.MostPieces)
{
    private static readonly byte[] Mark = Encoding.UTF8.GetBytes(SentencePieceTokenizer.Mark);

    /// <summary>Whether a model makes the same of words as of the whole.</summary>
    public static bool MayCut(SentencePieceFile file, ISentencePieceModel model) =>
        model.KeepsToWords
        && file is { EscapeWhiteSpace: true, WhiteSpaceAsSuffix: false }
        && !(file.Map?.HasKeyWith((byte)' ') ?? false)
        && !file.Pieces.Exists(piece => piece.Kind == PieceKind.UserDefined && (piece.Text.Contains(' ') || piece.Text.Contains(SentencePieceTokenizer.Mark, StringComparison.Ordinal)));

    /// <summary>
    /// Whether each mark that stands behind a character of a word is where a piece starts: it is a piece of its own, and no other one reaches over such a place.
    /// </summary>
    public static bool KeepToWords(IReadOnlyCollection<byte[]> pieces) => pieces.Any(piece => piece.AsSpan().SequenceEqual(Mark)) && !pieces.Any(ReachesOverWord);

    private static bool ReachesOverWord(byte[] piece)
    {
        for (var (at, place) = (1, 0); at < piece.Length && (place = piece.AsSpan(at).IndexOf(Mark)) >= 0; at += place + 1)
        {
            if (WordCuts.EndsInside(piece.AsSpan(0, at + place), Mark))
            {
                return true;
            }
        }

        return false;
    }

    protected override WordCount CountFirst(ReadOnlySpan<byte> text, TextRange word) => Count(text[word.Start..word.End], first);

    protected override WordCount CountInner(ReadOnlySpan<byte> word) => Count(word[1..], inner);

    protected override WordCount EncodeFirst(ReadOnlySpan<byte> text, TextRange word, List<Token> tokens) => Encode(text, word, first, 0, tokens);

    protected override WordCount EncodeInner(ReadOnlySpan<byte> text, TextRange word, List<Token> tokens) => Encode(text, word with { Start = word.Start + 1 }, inner, 1, tokens);

    /// <param name="text">The text.</param>
    /// <param name="word">What is normalized of it.</param>
    /// <param name="normalizer">Normalizes it.</param>
    /// <param name="spaces">Bytes before the word that are the place of the mark that is put before it.</param>
    /// <param name="tokens">Receives the tokens.</param>
    [SkipLocalsInit]
    private WordCount Encode(ReadOnlySpan<byte> text, TextRange word, SentencePieceNormalizer normalizer, int spaces, List<Token> tokens)
    {
        var utf8 = text[word.Start..word.End];
        var pieces = new List<(int, TextRange)>();
        var (start, mark) = (word.Start, normalizer.Before.Length);
        if (normalizer.Keeps(utf8))
        {
            using var kept = new JoinedBytes(normalizer.Before, utf8, stackalloc byte[JoinedBytes.Room]);
            var alone = model.SplitWord(kept.Bytes, pieces);
            placed.Append(kept.Bytes, pieces, place => place < mark ? start - spaces : start + place - mark, tokens, texts: null);
            return alone;
        }

        // White space that the word begins or ends with once it is normalized is one with the space beside it, and so has another place.
        if (!TryNormalize(utf8, normalizer, out var bytes, out var places, out var end) || places[0] > 0 || end != utf8.Length)
        {
            return -1;
        }

        var count = model.SplitWord(bytes, pieces);
        placed.Append(bytes, pieces, place => place < mark ? start + places[place] - spaces : start + places[place], tokens, texts: null);
        return count;
    }

    [SkipLocalsInit]
    private WordCount Count(ReadOnlySpan<byte> word, SentencePieceNormalizer normalizer)
    {
        if (normalizer.Keeps(word))
        {
            using var kept = new JoinedBytes(normalizer.Before, word, stackalloc byte[JoinedBytes.Room]);
            return model.CountWord(kept.Bytes);
        }

        return TryNormalize(word, normalizer, out var normalized, out _, out _) ? model.CountWord(normalized) : -1;
    }

    /// <summary>Normalizes a word; false if it is another one together with what follows it, since a key of the character map may reach over its end.</summary>
    /// <param name="word">The word.</param>
    /// <param name="normalizer">Normalizes it.</param>
    /// <param name="bytes">The normalized word.</param>
    /// <param name="places">Where each of its bytes, and its end, came from.</param>
    /// <param name="end">Where the mark behind it comes from.</param>
    private static bool TryNormalize(ReadOnlySpan<byte> word, SentencePieceNormalizer normalizer, out byte[] bytes, out int[] places, out int end)
    {
        (bytes, places) = normalizer.Normalize(word);
        end = word.Length;
        if (!WordCuts.IsWordEnd(word, word.Length))
        {
            return true; // only the last word of a text ends with white space
        }

        if (!WordCuts.EndsInside(bytes, Mark))
        {
            return false;
        }

        var followed = normalizer.Normalize([.. word, .. " a"u8]);
        end = followed.Places[Math.Min(bytes.Length, followed.Bytes.Length)];
        return followed.Bytes.AsSpan().SequenceEqual([.. bytes, .. Mark, (byte)'a']);
    }
}
