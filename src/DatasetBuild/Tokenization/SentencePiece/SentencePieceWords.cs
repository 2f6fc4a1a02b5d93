using System.Text;

namespace DatasetBuild.Tokenization;

/// <summary>
/// Counts the words of a text one by one for SentencePiece's BPE. A word inside a text is what follows its space, with the mark that is put before a text. Its
/// Unigram cannot be counted so: it adds scores in single precision from the start of the text on, and their rounding can decide.
/// </summary>
/// <param name="first">Normalizes the word that starts a text.</param>
/// <param name="inner">Normalizes what follows a space: the same, with the mark before it.</param>
/// <param name="count">Counts the tokens of a normalized text.</param>
internal sealed class SentencePieceWords(SentencePieceNormalizer first, SentencePieceNormalizer inner, Func<byte[], int> count) : WordwiseCounter
{
    private static readonly byte[] Mark = Encoding.UTF8.GetBytes(SentencePieceTokenizer.Mark);

    /// <summary>Whether a model makes the same of words as of the whole.</summary>
    public static bool MayCut(SentencePieceFile file, ISentencePieceModel model) =>
        model is SentencePieceBpe bpe
        && bpe.KeepsToWords
        && file is { EscapeWhiteSpace: true, WhiteSpaceAsSuffix: false }
        && !(file.Map?.HasKeyWith((byte)' ') ?? false)
        && !file.Pieces.Exists(piece => piece.Kind == PieceKind.UserDefined && (piece.Text.Contains(' ') || piece.Text.Contains(SentencePieceTokenizer.Mark, StringComparison.Ordinal)));

    protected override int CountFirst(ReadOnlySpan<byte> text, TextRange word) => Count(text[word.Start..word.End], first);

    protected override int CountInner(ReadOnlySpan<byte> word) => Count(word[1..], inner);

    // A key of the character map may reach over the end of the word: then the word is another one with what follows it.
    private int Count(ReadOnlySpan<byte> word, SentencePieceNormalizer normalizer)
    {
        var normalized = normalizer.Normalize(word).Bytes;
        if (!WordCuts.IsWordEnd(word, word.Length))
        {
            // Only the last word of a text ends with white space.
            return count(normalized);
        }

        var followed = normalizer.Normalize([.. word, .. " a"u8]).Bytes;
        return WordCuts.EndsInside(normalized, Mark) && followed.AsSpan().SequenceEqual([.. normalized, .. Mark, (byte)'a'])
            ? count(normalized)
            : -1;
    }
}
