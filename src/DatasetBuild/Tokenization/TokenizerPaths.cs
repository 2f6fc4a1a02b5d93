namespace DatasetBuild.Tokenization;

/// <summary>Where a tokenizer lies when a folder is named.</summary>
public static class TokenizerPaths
{
    /// <summary>The <c>tokenizer.json</c> of a folder, else its <c>tokenizer.model</c> where only that is there; any other path as it is.</summary>
    public static string InFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        var (json, model) = (Path.Combine(path, "tokenizer.json"), Path.Combine(path, "tokenizer.model"));
        return !File.Exists(json) && File.Exists(model) ? model : json;
    }

    /// <summary>What is wrong with a folder that is named and holds no tokenizer; null for any other path.</summary>
    public static string? Missing(string path) =>
        Directory.Exists(path) && !Path.Exists(InFolder(path)) ? "it is a folder that holds neither a tokenizer.json nor a tokenizer.model" : null;
}
