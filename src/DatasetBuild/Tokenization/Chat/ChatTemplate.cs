using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Records;
using DatasetBuild.Tokenization.Jinja;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>
/// What turns a conversation into the text that a model is trained on: a template in the language Jinja, as published with models, and the special tokens
/// that it can name. How a conversation becomes the variables of a template tells <c>ChatMessages</c>. Immutable and thread-safe.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>Raised when the engine gives another text for some template; part of <see cref="Digest"/>.</summary>
    private const string EngineVersion = "jinja-1";

    /// <summary>The template that the library takes for conversations with tools, where there is one of this name.</summary>
    private const string ToolTemplate = "tool_use";

    private static readonly string[] Names = ["ChatML", "Llama2", "Llama3", "Alpaca", "Vicuna", "Zephyr", "Plain"];

    private readonly string path;
    private readonly (string Source, JinjaTemplate Template) main;
    private readonly (string Source, JinjaTemplate Template)? forTools;
    private readonly IReadOnlyDictionary<string, object?> specialTokens;

    private ChatTemplate(
        string path, (string, JinjaTemplate) main, (string, JinjaTemplate)? forTools, IReadOnlyDictionary<string, object?> specialTokens, IReadOnlyList<string> files)
    {
        (this.path, this.main, this.forTools, this.specialTokens, Files) = (path, main, forTools, specialTokens, files);
        Digest = DigestOf(this.main.Source, this.forTools?.Source, specialTokens);
    }

    /// <summary>The names of the templates that need no file.</summary>
    public static IReadOnlyList<string> BuiltInNames => Names;

    /// <summary>SHA-256, in hexadecimal, of all that determines the text: the template's source, the special tokens, the version of the engine.</summary>
    public string Digest { get; }

    /// <summary>Full paths of the files that were read.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Whether the special tokens are known; else those of the tokenizer can be given to <see cref="WithSpecialTokensOf"/>.</summary>
    public bool HasSpecialTokens => specialTokens.Count > 0;

    /// <summary>The token that begins a text, as the tokenizer's configuration names it, or null.</summary>
    internal string? BosToken => specialTokens.GetValueOrDefault("bos_token") as string;

    /// <summary>The token that ends a text, or null.</summary>
    internal string? EosToken => specialTokens.GetValueOrDefault("eos_token") as string;

    /// <summary>Whether the template knows <c>add_generation_prompt</c>, without which an assistant's header cannot be had alone.</summary>
    internal bool HasGenerationPrompt => main.Source.Contains("add_generation_prompt", StringComparison.Ordinal);

    /// <summary>The template with the given name: ChatML, Llama2, Llama3, Alpaca, Vicuna, Zephyr or Plain; case does not matter.</summary>
    /// <exception cref="DatasetException">There is none of this name (DSB3031).</exception>
    public static ChatTemplate BuiltIn(string name)
    {
        var known = Array.Find(Names, candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new DatasetException(ChatErrors.NoTemplate, $"No chat template is named '{name}'. There are {string.Join(", ", Names)}; others are given as files.");
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{known}.jinja")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Of(known, reader.ReadToEnd(), null, new Dictionary<string, object?>(), []);
    }

    /// <summary>Whether <see cref="BuiltIn"/> knows the name.</summary>
    public static bool IsBuiltIn(string name) => Names.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Reads a <c>chat_template.jinja</c>, a <c>tokenizer_config.json</c> with a template or a list of named ones, or a folder with either. Special tokens are
    /// those of a <c>tokenizer_config.json</c> that lies beside it.
    /// </summary>
    /// <param name="path">The file or folder, as messages name it.</param>
    /// <param name="name">Which of several templates; null for <c>default</c>, and <c>tool_use</c> where a conversation has tools and there is one.</param>
    /// <exception cref="DatasetException">The file cannot be read (DSB3030), holds no such template (DSB3031), or the template is refused (DSB3032, DSB3033, DSB3036).</exception>
    public static ChatTemplate Load(string path, string? name = null)
    {
        var file = TemplateFile.Read(path);
        if (file.Templates.TryGetValue(name ?? "default", out var source))
        {
            return Of(path, source, name is null ? file.Templates.GetValueOrDefault(ToolTemplate) : null, file.SpecialTokens, file.Files);
        }

        throw new DatasetException(
            ChatErrors.NoTemplate,
            file.Templates.Count == 0 ? "There is no chat template: neither a chat_template.jinja nor a chat_template in tokenizer_config.json. Name the file that has it, or one of " + string.Join(", ", Names) + "."
            : $"There is no template named '{name ?? "default"}'. There {(file.Templates.Count == 1 ? "is" : "are")} {string.Join(", ", file.Templates.Keys.Order(StringComparer.Ordinal))}: name one behind #, as in folder#{file.Templates.Keys.First()}.",
            path);
    }

    /// <summary>The same template with the special tokens that a tokenizer's folder declares; itself where there are none.</summary>
    public ChatTemplate WithSpecialTokensOf(string tokenizerFolder)
    {
        var file = TemplateFile.OfTokenizer(tokenizerFolder);
        return file.SpecialTokens.Count == 0 ? this : new ChatTemplate(path, main, forTools, file.SpecialTokens, [.. Files, .. file.Files]);
    }

    /// <summary>The text of a conversation; a document that is no conversation is its own text.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="addGenerationPrompt">Whether the assistant's header follows, for it to answer.</param>
    /// <param name="date">The day that <c>strftime_now</c> formats, as <c>yyyy-MM-dd</c>, or null.</param>
    /// <exception cref="DatasetException">The template refuses the conversation (DSB3035), fails on it (DSB3034) or costs too much (DSB3036).</exception>
    public string Render(Conversation conversation, bool addGenerationPrompt = false, string? date = null)
    {
        if (conversation.IsRawText)
        {
            var text = new StringBuilder();
            foreach (var part in conversation.Texts(Part.Record))
            {
                text.Append(Encoding.UTF8.GetString(part));
            }

            return text.ToString();
        }

        var messages = ChatMessages.Of(conversation);
        return Render(messages, messages.Items, addGenerationPrompt, ParseDate(date)).Text;
    }

    /// <summary>The day that a text names.</summary>
    /// <exception cref="FormatException">It is no day.</exception>
    internal static DateTime? ParseDate(string? date) => date is null ? null
        : DateTime.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new FormatException($"the date '{date}' is no day; write one such as 2026-01-31");

    /// <param name="conversation">The conversation that the messages come from, for its tools.</param>
    /// <param name="messages">The messages to render, which may be the first ones only, or changed.</param>
    /// <param name="addGenerationPrompt">Whether the assistant's header follows.</param>
    /// <param name="date">What <c>strftime_now</c> formats.</param>
    internal JinjaOutput Render(ChatMessages conversation, List<object?> messages, bool addGenerationPrompt, DateTime? date) => Render(
        [
            .. specialTokens,
            new("messages", new ListValue(messages)),
            new("tools", conversation.Tools),
            new("documents", null),
            new("add_generation_prompt", addGenerationPrompt),
        ],
        conversation.Tools is not null,
        conversation.Length,
        date);

    /// <param name="variables">All that the template can name.</param>
    /// <param name="hasTools">Whether tools are declared.</param>
    /// <param name="length">About how many characters the variables hold.</param>
    /// <param name="date">What <c>strftime_now</c> formats.</param>
    internal JinjaOutput Render(IEnumerable<KeyValuePair<string, object?>> variables, bool hasTools, long length, DateTime? date)
    {
        try
        {
            return Chosen(hasTools).Render(variables, length, date);
        }
        catch (JinjaError error)
        {
            throw Located(error, path);
        }
    }

    /// <summary>Whether the template marks what the assistant says.</summary>
    internal bool HasGeneration(bool hasTools) => Chosen(hasTools).HasGeneration;

    private JinjaTemplate Chosen(bool hasTools) => hasTools && forTools is { } tools ? tools.Template : main.Template;

    private static ChatTemplate Of(string path, string source, string? toolSource, IReadOnlyDictionary<string, object?> specialTokens, IReadOnlyList<string> files)
    {
        try
        {
            return new ChatTemplate(path, (source, new JinjaTemplate(source)), toolSource is null ? null : (toolSource, new JinjaTemplate(toolSource)), specialTokens, files);
        }
        catch (JinjaError error)
        {
            throw Located(error, path);
        }
    }

    private static DatasetException Located(JinjaError error, string path)
    {
        var (code, remedy) = error.Failure switch
        {
            JinjaFailure.Syntax => (ChatErrors.Syntax, "Mend the template, or get it again from where it is published."),
            JinjaFailure.Unsupported => (ChatErrors.Unsupported, "Change the template, or give another one."),
            JinjaFailure.Raised => (ChatErrors.Refused, "Mend the conversation, or give a template that takes it."),
            JinjaFailure.Limit => (ChatErrors.TooMuchWork, "Look for a loop or a macro in the template that does not end, or for a text or a number that grows without end."),
            _ when TemplateFile.TokenNames.FirstOrDefault(name => error.Message.Contains($"'{name}'", StringComparison.Ordinal)) is { } token =>
                (ChatErrors.Failed, $"Declare {token} in tokenizer_config.json beside the template or the tokenizer, or give a template that does without."),
            _ => (ChatErrors.Failed, "Mend the conversation, or give a template that takes it."),
        };
        var message = error.Failure switch
        {
            JinjaFailure.Raised => $"the chat template refuses the conversation: {error.Message}",
            JinjaFailure.Runtime => $"the chat template fails on the conversation: {error.Message}",
            _ => $"the chat template cannot be used: {error.Message}",
        };
        return new DatasetException(code, $"{message.TrimEnd('.')}. {remedy}", path, error.Line, error.Line > 0 ? 1 : 0, error);
    }

    private static string DigestOf(string source, string? toolSource, IReadOnlyDictionary<string, object?> specialTokens)
    {
        var rendering = new Rendering(0) { Blocks = new Dictionary<string, BlockStatement>() };
        var text = new StringBuilder();
        foreach (var part in (string[])[EngineVersion, source, toolSource ?? "", .. specialTokens.OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => (string[])[pair.Key, Spelling.Repr(rendering, pair.Value)])])
        {
            text.Append(part.Length).Append(':').Append(part);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
