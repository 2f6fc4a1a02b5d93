using DatasetBuild.Pipeline;
using DatasetBuild.Tokenization;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Answers;

/// <summary>The tokenizer that a command line or a project names.</summary>
internal static class GivenTokenizer
{
    /// <param name="fullPath">Where the file is, or the folder that holds it.</param>
    /// <param name="path">The path as the user wrote it.</param>
    /// <exception cref="UsageException">Nothing stands there, or a folder without a tokenizer, or a pipe or a device: to read it might never end.</exception>
    /// <exception cref="DatasetException">As for <see cref="Tokenizers.Load"/>.</exception>
    public static ITokenizer Load(string fullPath, string path)
    {
        var file = TokenizerPaths.InFolder(fullPath);
        return (TokenizerPaths.Missing(fullPath) ?? UnusableFile.Describe(file)) is { } problem
            ? throw new UsageException($"the tokenizer '{path}' cannot be read: {problem}. Name a file, or a folder that holds one.")
            : Tokenizers.Load(file, file == fullPath ? path : Path.Combine(path, Path.GetFileName(file)));
    }
}
