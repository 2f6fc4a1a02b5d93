using DatasetBuild.Tokenization;

namespace DatasetBuild.Pipeline;

/// <summary>The tokenizers of a project, each loaded once.</summary>
internal sealed class TokenizerCache(Plan plan, KeptTokenizers kept)
{
    private readonly Dictionary<string, ITokenizer> loaded = new(StringComparer.Ordinal);

    /// <summary>The stage's tokenizer, else the project's, else null.</summary>
    public ITokenizer? Find(StageRequest request)
    {
        var path = request.Parameters.OptionalText("Tokenizer") ?? request.Settings.Tokenizer;
        return path is null ? null : Load(request, path);
    }

    /// <summary>The tokenizer in a file or a folder.</summary>
    /// <param name="request">The stage, for messages.</param>
    /// <param name="path">The path as the user wrote it.</param>
    public ITokenizer Load(StageRequest request, string path)
    {
        var fullPath = TokenizerPaths.InFolder(plan.Resolve(path));
        if (!loaded.TryGetValue(fullPath, out var tokenizer))
        {
            request.InputFiles.Add(fullPath);
            if ((TokenizerPaths.Missing(plan.Resolve(path)) ?? UnusableFile.Describe(fullPath)) is { } problem)
            {
                throw request.Parameters.Fail(ProjectCodes.MissingFile, $"stage '{request.Name}': the tokenizer '{path}' cannot be read: {problem}. Check its path, relative to the project.");
            }

            tokenizer = loaded[fullPath] = kept.Load(fullPath);
        }

        return tokenizer;
    }
}
