using DatasetBuild.LanguageModels.Kernels;
using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>What a model type assumes where its configuration is silent.</summary>
internal sealed record SizeDefaults
{
    public required int Vocabulary { get; init; }

    public required int Hidden { get; init; }

    public required int FeedForward { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    public required int Context { get; init; }

    /// <summary>Null: as many as <see cref="Heads"/>, whatever they are.</summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>Null: hidden size by heads.</summary>
    public int? HeadSize { get; init; }
}

/// <summary>Sizes under the keys that all but GPT-2 share.</summary>
internal sealed record Sizes(int Vocabulary, int Hidden, int FeedForward, int Layers, int Heads, int KeyValueHeads, int HeadSize, int Context)
{
    private const int MostLayers = 10_000;
    private const int MostDimensions = 1 << 16;

    public static Sizes Read(ModelConfig config, SizeDefaults defaults)
    {
        var hidden = config.Count("hidden_size", defaults.Hidden);
        var heads = config.Count("num_attention_heads", defaults.Heads);
        var keyValueHeads = config.Has("num_key_value_heads") || defaults.KeyValueHeads is null ? config.CountOr("num_key_value_heads", heads) : defaults.KeyValueHeads.Value;
        var headSize = config.Has("head_dim") || defaults.HeadSize is null ? config.CountOr("head_dim", Math.Max(1, hidden / heads)) : defaults.HeadSize.Value;
        if (headSize > MostDimensions)
        {
            throw config.Impossible($"heads of {headSize} dimensions are larger than those of any model");
        }

        if (heads % keyValueHeads != 0)
        {
            throw config.Impossible($"{heads} heads cannot share {keyValueHeads} heads of keys and values evenly");
        }

        if (!config.Holds("head_dim") && defaults.HeadSize is null && hidden % heads != 0)
        {
            throw config.Impossible($"a hidden size of {hidden} cannot be divided among {heads} heads");
        }

        if (config.Count("num_hidden_layers", defaults.Layers) > MostLayers)
        {
            throw config.Impossible($"more than {MostLayers} layers are not possible");
        }

        return new(
            config.Count("vocab_size", defaults.Vocabulary),
            hidden,
            config.Count("intermediate_size", defaults.FeedForward),
            config.Count("num_hidden_layers", defaults.Layers),
            heads,
            keyValueHeads,
            headSize,
            config.Count("max_position_embeddings", defaults.Context));
    }
}

/// <summary>What most architectures read in the same way.</summary>
internal static class Common
{
    /// <summary>A decoder as Llama's, from which others differ.</summary>
    /// <param name="config">Its configuration.</param>
    /// <param name="sizes">Read from it.</param>
    /// <param name="theta">rope_theta, where the configuration is silent.</param>
    /// <param name="epsilon">Of the norms, where the configuration is silent.</param>
    /// <param name="share">Dimensions of a head that are turned, where the configuration is silent.</param>
    /// <param name="tied">tie_word_embeddings, where the configuration is silent.</param>
    /// <param name="epsilonKey">What the epsilon is called.</param>
    /// <param name="activationKey">What the activation is called; null: it is fixed.</param>
    /// <param name="activation">The activation, where the configuration is silent.</param>
    /// <param name="original">original_max_position_embeddings, where the configuration is silent.</param>
    public static Decoder Decoder(
        ModelConfig config,
        Sizes sizes,
        double theta = 10000,
        double epsilon = 1e-6,
        double share = 1,
        bool tied = false,
        string epsilonKey = "rms_norm_eps",
        string? activationKey = "hidden_act",
        string activation = "silu",
        int? original = null)
    {
        var rotary = RotaryEmbedding.Create(
            config,
            RotaryKeys(config),
            sizes.HeadSize,
            config.NumberOrNull("partial_rotary_factor", null) ?? share,
            config.NumberOrNull("rope_theta", null) ?? theta,
            sizes.Context,
            config.IntOrNull("original_max_position_embeddings", null) ?? original);
        return new Decoder
        {
            Vocabulary = sizes.Vocabulary,
            Hidden = sizes.Hidden,
            Heads = sizes.Heads,
            KeyValueHeads = sizes.KeyValueHeads,
            HeadSize = sizes.HeadSize,
            FeedForward = sizes.FeedForward,
            Context = rotary.Context,
            Layers = Layers(sizes.Layers, _ => new LayerPlan(rotary, 0, Scale(sizes.HeadSize))),
            Names = new TensorNames(),
            Epsilon = (float)config.Number(epsilonKey, epsilon),
            Activation = Activation(config, activationKey, activation),
            Tied = config.Flag("tie_word_embeddings", tied),
        };
    }

    public static IReadOnlyList<LayerPlan> Layers(int count, Func<int, LayerPlan> plan) => [.. Enumerable.Range(0, count).Select(plan)];

    /// <summary>The same layers, some of which see a window only.</summary>
    public static IReadOnlyList<LayerPlan> WithWindow(this IReadOnlyList<LayerPlan> layers, int? window, Func<int, bool> isWindowed) =>
        [.. layers.Select((layer, i) => window is { } size && isWindowed(i) ? layer with { Window = size } : layer)];

    /// <summary>The size of the window; null: there is none.</summary>
    public static int? Window(ModelConfig config, int? missing) => config.IntOrNull("sliding_window", missing) switch
    {
        null => null,
        > 0 and var size => size,
        _ => throw config.Wrong("sliding_window", "a whole number from 1 on"),
    };

    /// <summary>1 / sqrt(dimensions).</summary>
    public static float Scale(double dimensions) => (float)(1 / Math.Sqrt(dimensions));

    /// <summary>What says how positions are scaled, in the spelling of either version; of layers of two kinds, that of those without a window.</summary>
    private static ModelConfig? RotaryKeys(ModelConfig config) =>
        config.Section("rope_scaling") ?? (config.Section("rope_parameters") is { } rope ? rope.Section("full_attention") ?? rope : null);

    /// <param name="config">The configuration.</param>
    /// <param name="key">What the activation is called there; null: it is fixed.</param>
    /// <param name="missing">What it is where the configuration is silent.</param>
    public static Activation Activation(ModelConfig config, string? key, string missing) => (key is null ? missing : config.TextOrNull(key, missing)) switch
    {
        "silu" or "swish" => Kernels.Activation.Silu,
        "gelu" or "gelu_python" => Kernels.Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_python_tanh" or "gelu_accurate" => Kernels.Activation.GeluTanh,
        "quick_gelu" => Kernels.Activation.GeluQuick,
        "relu" => Kernels.Activation.Relu,
        var other => throw config.Unsupported(key!, other is null ? "null" : $"'{other}'"),
    };

    /// <summary>Which layers see a window only, from <c>layer_types</c> (transformers 5), or as <paramref name="otherwise"/> says where there is none.</summary>
    public static Func<int, bool> Windowed(ModelConfig config, int layers, Func<int, bool> otherwise)
    {
        if (config.Texts("layer_types") is not { } types)
        {
            return otherwise;
        }

        if (types.Count != layers)
        {
            throw config.Wrong("layer_types", $"a list of {layers} texts");
        }

        return types.FirstOrDefault(type => type is not ("full_attention" or "sliding_attention")) is { } other
            ? throw config.Unsupported("layer_types", $"'{other}'")
            : layer => types[layer] == "sliding_attention";
    }
}
