using System.Runtime.CompilerServices;
using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Counts the words of a text one by one. A word inside a text is what follows its space, with the mark that is put before a text.
/// </summary>
/// <param name="first">Normalizes the word that starts a text.</param>
/// <param name="inner">Normalizes what follows a space: the same, with the mark before it.</param>
/// <param name="model">Counts the tokens of a normalized word.</param>
internal sealed class SentencePieceWords(SentencePieceNormalizer first, SentencePieceNormalizer inner, ISentencePieceModel model) : WordwiseCounter(model.MostPieces)
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

    // A key of the character map may reach over the end of the word: then the word is another one with what follows it.
    [SkipLocalsInit]
    private WordCount Count(ReadOnlySpan<byte> word, SentencePieceNormalizer normalizer)
    {
        if (normalizer.Keeps(word))
        {
            using var kept = new JoinedBytes(normalizer.Before, word, stackalloc byte[JoinedBytes.Room]);
            return model.CountWord(kept.Bytes);
        }

        var normalized = normalizer.Normalize(word).Bytes;
        if (!WordCuts.IsWordEnd(word, word.Length))
        {
            // Only the last word of a text ends with white space.
            return model.CountWord(normalized);
        }

        var followed = normalizer.Normalize([.. word, .. " a"u8]).Bytes;
        return WordCuts.EndsInside(normalized, Mark) && followed.AsSpan().SequenceEqual([.. normalized, .. Mark, (byte)'a'])
            ? model.CountWord(normalized)
            : -1;
    }
}
