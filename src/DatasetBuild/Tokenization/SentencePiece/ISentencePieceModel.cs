namespace DatasetBuild.Tokenization;

/// <summary>Cuts a normalized text into pieces. Immutable and thread-safe.</summary>
internal interface ISentencePieceModel
{
    /// <summary>Whether a text may be cut before each mark that stands behind a character of a word.</summary>
    bool KeepsToWords { get; }

    /// <summary>Pieces of the longest text in which <see cref="CountWord"/> and <see cref="SplitWord"/> give the words that they do not say otherwise of.</summary>
    int MostPieces { get; }

    /// <summary>Appends the pieces, which cover the text; what is unknown has the id of the unknown piece.</summary>
    void Split(ReadOnlySpan<byte> text, List<(int Id, TextRange Range)> pieces);

    /// <summary>Writes what takes long to build.</summary>
    void Write(ImageWriter image);

    /// <summary>The number of tokens of a text.</summary>
    int Count(ReadOnlySpan<byte> text);

    /// <summary>Counts a word that is cut out of a text, or says that it does not stand for itself.</summary>
    WordCount CountWord(ReadOnlySpan<byte> word);

    /// <summary>Appends the pieces of such a word; what it returns holds for these pieces and not for their number alone.</summary>
    WordCount SplitWord(ReadOnlySpan<byte> word, List<(int Id, TextRange Range)> pieces);
}
