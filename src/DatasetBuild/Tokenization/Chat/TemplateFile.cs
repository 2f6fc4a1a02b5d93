using System.Text;
using System.Text.Json;
using DatasetBuild.Tokenization.Jinja;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>What lies in a file or a folder: templates by their names (<c>default</c> for one without), and the tokenizer's special tokens.</summary>
internal sealed class TemplateFile
{
    private const long MaxBytes = 64 << 20;

    /// <summary>What a template may ask of a tokenizer by these names.</summary>
    internal static readonly string[] TokenNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private readonly string displayPath;

    private TemplateFile(string displayPath) => this.displayPath = displayPath;

    public Dictionary<string, string> Templates { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, object?> SpecialTokens { get; } = new(StringComparer.Ordinal);

    /// <summary>Full paths of all files that were read.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Reads a template's file, or the files of a folder; <c>chat_template.jinja</c> counts more than <c>tokenizer_config.json</c>, as for the library.</summary>
    /// <exception cref="DatasetException">A file cannot be read (DSB3030), or is no configuration (DSB3031).</exception>
    public static TemplateFile Read(string path)
    {
        var file = new TemplateFile(path);
        var isFolder = Directory.Exists(path);
        var folder = isFolder ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (isFolder)
        {
            file.ReadFolder(folder);
        }
        else
        {
            file.ReadOne(Path.GetFullPath(path));
        }

        file.ReadSpecialTokens(folder);
        return file;
    }

    /// <summary>The special tokens that a tokenizer's folder declares, and the files that say so.</summary>
    public static TemplateFile OfTokenizer(string folder)
    {
        var file = new TemplateFile(folder);
        file.ReadSpecialTokens(folder);
        return file;
    }

    private void ReadFolder(string folder)
    {
        foreach (var name in (string[])["chat_template.json", "tokenizer_config.json", "chat_template.jinja"])
        {
            if (File.Exists(Path.Combine(folder, name)))
            {
                ReadOne(Path.Combine(folder, name));
            }
        }

        var more = Path.Combine(folder, "additional_chat_templates");
        foreach (var path in Directory.Exists(more) ? Directory.GetFiles(more, "*.jinja") : [])
        {
            Templates[Path.GetFileNameWithoutExtension(path)] = Encoding.UTF8.GetString(Bytes(path));
        }
    }

    private void ReadOne(string path)
    {
        var bytes = Bytes(path);
        var content = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsMemory(3) : bytes.AsMemory();
        if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            Templates["default"] = Encoding.UTF8.GetString(content.Span);
            return;
        }

        using var document = Parsed(content, path);
        if (document.RootElement.TryGetProperty("chat_template", out var template))
        {
            Add(template);
        }
    }

    private void Add(JsonElement template)
    {
        switch (template.ValueKind)
        {
            case JsonValueKind.String:
                Templates["default"] = template.GetString()!;
                break;
            case JsonValueKind.Array:
                foreach (var named in template.EnumerateArray())
                {
                    if (named.ValueKind != JsonValueKind.Object || !named.TryGetProperty("name", out var name) || !named.TryGetProperty("template", out var source) || name.ValueKind != JsonValueKind.String || source.ValueKind != JsonValueKind.String)
                    {
                        throw new DatasetException(ChatErrors.NoTemplate, "An entry of chat_template is no object with a name and a template. Get the file again from where it is published.", displayPath);
                    }

                    Templates[name.GetString()!] = source.GetString()!;
                }

                break;
            case JsonValueKind.Object:
                foreach (var named in template.EnumerateObject().Where(named => named.Value.ValueKind == JsonValueKind.String))
                {
                    Templates[named.Name] = named.Value.GetString()!;
                }

                break;
        }
    }

    private void ReadSpecialTokens(string folder)
    {
        foreach (var name in (string[])["special_tokens_map.json", "tokenizer_config.json"])
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                continue;
            }

            using var document = Parsed(Bytes(path), path);
            foreach (var token in TokenNames)
            {
                if (document.RootElement.TryGetProperty(token, out var value) && Content(value) is { } content)
                {
                    SpecialTokens[token] = content;
                }
            }

            if (document.RootElement.TryGetProperty("additional_special_tokens", out var more) && more.ValueKind == JsonValueKind.Array)
            {
                SpecialTokens["additional_special_tokens"] = new ListValue([.. more.EnumerateArray().Select(Content)]);
            }
        }
    }

    /// <summary>A token is written as its text, or as an object that has it as <c>content</c>.</summary>
    private static string? Content(JsonElement token) =>
        token.ValueKind == JsonValueKind.String ? token.GetString()
        : token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String ? content.GetString()
        : null;

    private JsonDocument Parsed(ReadOnlyMemory<byte> json, string path)
    {
        try
        {
            var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw new JsonException("it is no JSON object.");
        }
        catch (JsonException error)
        {
            throw new DatasetException(ChatErrors.NoTemplate, $"{Path.GetFileName(path)} cannot be read: {error.Message} Get the file again from where it is published.", displayPath, inner: error);
        }
    }

    private byte[] Bytes(string path)
    {
        try
        {
            if (!Files.Contains(path))
            {
                Files.Add(path);
            }

            return new FileInfo(path).Length <= MaxBytes
                ? File.ReadAllBytes(path)
                : throw new DatasetException(ChatErrors.NoTemplate, $"The file is larger than {MaxBytes >> 20} MiB, which no template is. Check its path.", displayPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var reason = error is FileNotFoundException or DirectoryNotFoundException ? "it does not exist" : error is UnauthorizedAccessException ? "access is denied" : "an error occurred while reading it";
            var isName = !Path.GetFileName(displayPath.AsSpan()).Contains('.');
            var remedy = isName ? $"It is none of the built-in ones either, which are {string.Join(", ", ChatTemplate.BuiltInNames)}. Name one of these, or check the path." : "Check its path and its permissions.";
            throw new DatasetException(ChatErrors.Unreadable, $"The chat template cannot be read: {reason}. {remedy}", displayPath, inner: error);
        }
    }
}
