using DatasetBuild.Pipeline;
using DatasetBuild.Tokenization;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Answers;

/// <summary>The tokenizer that a command line or a project names.</summary>
internal static class GivenTokenizer
{
    /// <param name="fullPath">Where the file is.</param>
    /// <param name="path">The path as the user wrote it.</param>
    /// <exception cref="UsageException">A pipe or a device stands there: to read it might never end.</exception>
    /// <exception cref="DatasetException">As for <see cref="Tokenizers.Load"/>.</exception>
    public static ITokenizer Load(string fullPath, string path) =>
        File.Exists(fullPath) && UnusableFile.Describe(fullPath) is { } problem
            ? throw new UsageException($"'{path}' cannot be read: {problem}. Name a file.")
            : Tokenizers.Load(fullPath, path);
}
