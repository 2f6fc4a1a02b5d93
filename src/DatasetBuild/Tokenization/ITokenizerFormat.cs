namespace DatasetBuild.Tokenization;

/// <summary>A kind of tokenizer file that another assembly reads: a JSON object with a member of a name of its own.</summary>
public interface ITokenizerFormat
{
    /// <summary>The member by which such a file is known.</summary>
    string Member { get; }

    /// <summary>The files that the tokenizer is made of beside this one, as full paths; what they hold is part of the tokenizer's identity.</summary>
    /// <param name="fullPath">Where the file is.</param>
    /// <param name="content">All of it.</param>
    IReadOnlyList<string> FilesBeside(string fullPath, ReadOnlySpan<byte> content);

    /// <summary>Makes the tokenizer.</summary>
    /// <param name="fullPath">Where the file is.</param>
    /// <param name="displayPath">The path as the user wrote it, for messages.</param>
    /// <param name="content">All of it.</param>
    /// <exception cref="DatasetException">It cannot be made.</exception>
    ITokenizer Read(string fullPath, string displayPath, ReadOnlySpan<byte> content);
}
