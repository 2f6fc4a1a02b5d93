using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Which description serves which <c>model_type</c>.</summary>
internal static class ArchitectureCatalog
{
    private static readonly Dictionary<string, (Func<ModelConfig, Decoder> Describe, string Class)> Types = new(StringComparer.Ordinal)
    {
        ["gemma"] = (Gemma.Describe, "GemmaForCausalLM"),
        ["gemma2"] = (Gemma2.Describe, "Gemma2ForCausalLM"),
        ["gemma3_text"] = (Gemma3.Describe, "Gemma3ForCausalLM"),
        ["gpt2"] = (Gpt2.Describe, "GPT2LMHeadModel"),
        ["gpt_neox"] = (GptNeoX.Describe, "GPTNeoXForCausalLM"),
        ["llama"] = (Llama.Describe, "LlamaForCausalLM"),
        ["mistral"] = (Mistral.Describe, "MistralForCausalLM"),
        ["mixtral"] = (Mixtral.Describe, "MixtralForCausalLM"),
        ["olmo"] = (Olmo.Describe, "OlmoForCausalLM"),
        ["olmo2"] = (Olmo2.Describe, "Olmo2ForCausalLM"),
        ["phi3"] = (Phi3.Describe, "Phi3ForCausalLM"),
        ["qwen2"] = (Qwen2.Describe, "Qwen2ForCausalLM"),
        ["qwen3"] = (Qwen3.Describe, "Qwen3ForCausalLM"),
        ["stablelm"] = (StableLm.Describe, "StableLmForCausalLM"),
    };

    /// <exception cref="DatasetException">The architecture is not one of these, or its configuration asks for what is not built (DSB3051 to DSB3053).</exception>
    public static Decoder Describe(ModelConfig config)
    {
        var type = config.TextOrNull("model_type", null) ?? TypeOf(config);
        if (type is null || !Types.TryGetValue(type, out var found))
        {
            throw new DatasetException(ModelCodes.UnknownArchitecture, Refusal(config, type), config.File);
        }

        if (config.Texts("architectures") is { Count: > 0 } classes && !classes.Contains(found.Class) && !classes.Contains(BareClass(found.Class)))
        {
            throw new DatasetException(ModelCodes.UnknownArchitecture, $"'architectures' says {string.Join(", ", classes)}, where {found.Class} is the language model of '{type}'. {Remedy}", config.File);
        }

        foreach (var (key, isInert) in Refused)
        {
            if (config.Holds(key) && !isInert(config))
            {
                throw config.Unsupported(key, config.Raw(key) is { Length: <= 80 } value ? value : null);
            }
        }

        var decoder = found.Describe(config);
        if ((decoder.Heads + (2L * decoder.KeyValueHeads)) * decoder.HeadSize > MostValues || 3L * decoder.FeedForward > MostValues || decoder.Hidden > MostValues)
        {
            throw config.Impossible("its sizes are larger than those of any model");
        }

        return decoder;
    }

    /// <summary>Values of a token at one place; with it no product of sizes overflows.</summary>
    private const long MostValues = 8_000_000;

    /// <summary>Keys that change what any model computes, and the values that do not.</summary>
    private static readonly (string Key, Func<ModelConfig, bool> IsInert)[] Refused =
    [
        ("quantization_config", _ => false),
        ("compression_config", _ => false),
        ("add_cross_attention", config => !config.Flag("add_cross_attention", false)),
        ("is_encoder_decoder", config => !config.Flag("is_encoder_decoder", false)),
        ("use_bidirectional_attention", config => !config.Flag("use_bidirectional_attention", false)),
        ("pruned_heads", config => config.Section("pruned_heads") is not { } heads || !heads.Keys.Any()),
    ];

    private const string Remedy = "Take a model that predicts the next token from text alone";

    private static string? TypeOf(ModelConfig config) => config.Texts("architectures") is { Count: > 0 } classes
        ? Types.FirstOrDefault(entry => classes.Contains(entry.Value.Class)).Key
        : null;

    private static string BareClass(string name) => name.Replace("ForCausalLM", "Model", StringComparison.Ordinal).Replace("LMHeadModel", "Model", StringComparison.Ordinal);

    private static string Refusal(ModelConfig config, string? type)
    {
        var name = config.Texts("architectures") is [var first, ..] ? first : type;
        if (config.Holds("text_config") || config.Holds("vision_config") || config.Holds("audio_config"))
        {
            return $"{name} reads more than text. Save its language model alone: AutoModelForCausalLM.from_pretrained(…) with the class of its text_config, then save_pretrained; or take the text-only model of its family";
        }

        return name is null
            ? "neither 'model_type' nor 'architectures' tells which model it is. " + Remedy
            : $"the architecture {name} is not supported; supported are {string.Join(", ", Types.Keys.Order(StringComparer.Ordinal))}";
    }
}
