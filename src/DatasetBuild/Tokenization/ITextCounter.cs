namespace DatasetBuild.Tokenization;

/// <summary>Counts the units (bytes, characters, words, tokens) of a text. Thread-safe: one instance serves all threads.</summary>
public interface ITextCounter
{
    /// <summary>
    /// What the counter is, in words that change whenever a count could change: its name, version and parameters, and the digests of
    /// the files that it was read from; never a path. Part of the identity of each score it makes.
    /// </summary>
    string Identity { get; }

    /// <summary>The number of units in one text of valid UTF-8; 0 for an empty text.</summary>
    int Count(ReadOnlySpan<byte> utf8);
}
