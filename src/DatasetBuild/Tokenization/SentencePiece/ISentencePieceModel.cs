namespace DatasetBuild.Tokenization;

/// <summary>Cuts a normalized text into pieces. Immutable and thread-safe.</summary>
internal interface ISentencePieceModel
{
    /// <summary>Appends the pieces, which cover the text; what is unknown has the id of the unknown piece.</summary>
    void Split(ReadOnlySpan<byte> text, List<(int Id, TextRange Range)> pieces);
}
