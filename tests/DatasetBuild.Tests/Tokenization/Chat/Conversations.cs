using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DatasetBuild.Records;
using DatasetBuild.Tokenization.Chat;

namespace DatasetBuild.Tests.Tokenization.Chat;

/// <summary>Records as canonical conversations, and texts by their masks.</summary>
internal static class Conversations
{
    public static byte[] Canonical(string record)
    {
        using var parser = new ConversationParser(ShapeOptions.Detect);
        var json = Encoding.UTF8.GetBytes(record);
        parser.Parse(json);
        return parser.Canonical(json).ToArray();
    }

    /// <summary>A record of turns: "user: text" and so on.</summary>
    public static byte[] Of(params string[] turns) => Canonical(new JsonObject
    {
        ["messages"] = new JsonArray([.. turns.Select(turn => (JsonNode)new JsonObject { ["role"] = turn[..turn.IndexOf(':', StringComparison.Ordinal)], ["content"] = turn[(turn.IndexOf(':', StringComparison.Ordinal) + 1)..].TrimStart(' ') })]),
    }.ToJsonString());

    public static string Render(this ChatTemplate template, byte[] canonical, bool addGenerationPrompt = false, string? date = null) =>
        template.Render(new Conversation(canonical), addGenerationPrompt, date);

    /// <summary>A template of the tests, from a file of its own.</summary>
    public static ChatTemplate Template(string source, params (string Name, string Value)[] specialTokens)
    {
        using var folder = new ScratchFolder();
        folder.Write("chat_template.jinja", Encoding.UTF8.GetBytes(source));
        folder.Write("tokenizer_config.json", JsonSerializer.SerializeToUtf8Bytes(specialTokens.ToDictionary(token => token.Name, token => token.Value)));
        return ChatTemplate.Load(folder.At("chat_template.jinja"));
    }

    /// <summary>What is supervised, each run by itself.</summary>
    public static List<string> Supervised(this EncodedConversation encoded)
    {
        var utf8 = Encoding.UTF8.GetBytes(encoded.Text);
        var runs = new List<string>();
        for (var i = 0; i < encoded.Ids.Count; i++)
        {
            if (encoded.Weights[i] == 0)
            {
                continue;
            }

            var start = encoded.Offsets[i].Start;
            while (i + 1 < encoded.Ids.Count && encoded.Weights[i + 1] != 0)
            {
                i++;
            }

            runs.Add(Encoding.UTF8.GetString(utf8[start..encoded.Offsets[i].End]));
        }

        return runs;
    }

    public static (EncodedConversation Encoded, MissingReason? Missing) Encode(this ChatTemplate template, byte[] canonical, EncodingOptions? options = null, bool alone = false, ByteTokenizer? tokenizer = null)
    {
        var encoder = new ConversationEncoder(template, tokenizer ?? new ByteTokenizer(), options ?? new EncodingOptions());
        var encoded = new EncodedConversation();
        var missing = alone ? encoder.EncodeAlone(new Conversation(canonical), encoded) : encoder.Encode(new Conversation(canonical), encoded);
        return (encoded, missing);
    }
}
