using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Records;

namespace DatasetBuild.Tokenization.Chat;

/// <summary>What turns a conversation into the text that a model is trained on. Immutable and thread-safe.</summary>
public sealed class ChatTemplate
{
    private readonly bool isPlain;

    private ChatTemplate(string name)
    {
        isPlain = name == "Plain";
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    /// <summary>SHA-256, in hexadecimal, of all that determines the text: the template's source, the special tokens, the version of the engine.</summary>
    public string Digest { get; }

    /// <summary>The template with the given name: ChatML, Llama2, Llama3, Alpaca, Vicuna, Zephyr or Plain.</summary>
    public static ChatTemplate BuiltIn(string name) => new(name);

    /// <summary>Reads a <c>chat_template.jinja</c>, a <c>tokenizer_config.json</c> with a template or a list of named ones, or a folder with either.</summary>
    public static ChatTemplate Load(string path, string? name = null) => throw new NotSupportedException($"{path} {name}");

    /// <summary>The text of a conversation.</summary>
    public string Render(Conversation conversation, bool addGenerationPrompt = false)
    {
        var text = new StringBuilder();
        foreach (var turn in conversation)
        {
            Append(text, turn, out _, out _);
        }

        return addGenerationPrompt && !isPlain ? text.Append("<|im_start|>assistant\n").ToString() : text.ToString();
    }

    internal void Append(StringBuilder text, Conversation.Turn turn, out int start, out int end)
    {
        text.Append(isPlain ? "" : $"<|im_start|>{turn.Role switch { Role.Assistant => "assistant", Role.System => "system", _ => "user" }}\n");
        start = text.Length;
        var parts = turn.GetEnumerator();
        while (parts.MoveNext())
        {
            text.Append(Encoding.UTF8.GetString(parts.Text));
        }

        text.Append(isPlain ? "" : "<|im_end|>");
        end = text.Length;
        text.Append('\n');
    }
}
