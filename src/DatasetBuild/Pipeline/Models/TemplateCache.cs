using DatasetBuild.Tokenization;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Pipeline;

/// <summary>The chat templates of a project, each loaded once.</summary>
internal sealed class TemplateCache(Plan plan)
{
    private readonly Dictionary<(string Template, string? Tokenizer), ChatTemplate> loaded = [];

    /// <summary>The stage's template, else the project's, else null.</summary>
    public ChatTemplate? Find(StageRequest request)
    {
        if ((request.Parameters.OptionalText("ChatTemplate") ?? request.Settings.ChatTemplate) is not { } declared)
        {
            return null;
        }

        var tokenizer = request.Parameters.OptionalText("Tokenizer") ?? request.Settings.Tokenizer;
        if (!loaded.TryGetValue((declared, tokenizer), out var template))
        {
            template = loaded[(declared, tokenizer)] = Open(plan, declared, tokenizer, request.InputFiles);
        }

        return template;
    }

    /// <summary>
    /// Opens a template that a project names: a built-in one, a file or a folder, with <c>#name</c> behind it for one of several. One that brings no special
    /// tokens has those that lie beside the tokenizer.
    /// </summary>
    /// <param name="plan">The project.</param>
    /// <param name="declared">The name or path, as the user wrote it.</param>
    /// <param name="tokenizer">The tokenizer that it will be used with, as the user wrote it, or null.</param>
    /// <param name="files">Receives the files that decide the template, before they are read.</param>
    /// <exception cref="DatasetException">As <see cref="ChatTemplate.Load(string, string?)"/>.</exception>
    public static ChatTemplate Open(Plan plan, string declared, string? tokenizer, InputFiles files)
    {
        var template = ChatTemplate.IsBuiltIn(declared) ? ChatTemplate.BuiltIn(declared) : Load(plan, declared, files);
        if (template.HasSpecialTokens || tokenizer is null)
        {
            return template;
        }

        var folder = Path.GetDirectoryName(TokenizerPaths.InFolder(plan.Resolve(tokenizer)))!;
        Watch(folder, ["tokenizer_config.json", "special_tokens_map.json"], files);
        return template.WithSpecialTokensOf(folder);
    }

    private static ChatTemplate Load(Plan plan, string declared, InputFiles files)
    {
        var (path, name) = declared.LastIndexOf('#') is var at and > 0 && !File.Exists(plan.Resolve(declared)) ? (declared[..at], declared[(at + 1)..]) : (declared, null);
        var fullPath = plan.Resolve(path);
        if (Directory.Exists(fullPath))
        {
            // Also those that are not there: one that appears may be the one that counts.
            Watch(fullPath, ["chat_template.jinja", "chat_template.json", "tokenizer_config.json", "special_tokens_map.json"], files);
        }
        else
        {
            files.Add(fullPath);
            Watch(Path.GetDirectoryName(fullPath)!, ["tokenizer_config.json", "special_tokens_map.json"], files);
        }

        var template = ChatTemplate.Load(fullPath, name);
        foreach (var file in template.Files)
        {
            files.Add(file);
        }

        return template;
    }

    private static void Watch(string folder, string[] names, InputFiles files)
    {
        foreach (var name in names)
        {
            files.Add(Path.Combine(folder, name));
        }
    }
}
