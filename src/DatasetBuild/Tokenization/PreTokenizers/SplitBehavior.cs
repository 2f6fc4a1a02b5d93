namespace DatasetBuild.Tokenization;

/// <summary>What becomes of the matches that a text is split at. The names are those of tokenizer.json.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}
