using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>GPT-2 (Radford et al. 2019): a table of positions, LayerNorm, one plain feed-forward block, matrices with one row an input.</summary>
internal static class Gpt2
{
    public static Decoder Describe(ModelConfig config)
    {
        var hidden = config.Count(Either(config, "n_embd", "hidden_size"), 768);
        var heads = config.Count(Either(config, "n_head", "num_attention_heads"), 12);
        var layers = config.Count(Either(config, "n_layer", "num_hidden_layers"), 12);
        var positions = config.Count(Either(config, "n_positions", "max_position_embeddings"), 1024);
        if (hidden % heads != 0 || layers > 10_000)
        {
            throw config.Impossible($"a hidden size of {hidden} with {heads} heads and {layers} layers is not possible");
        }

        var scale = config.Flag("scale_attn_weights", true) ? Common.Scale(hidden / heads) : 1;
        var isScaledByLayer = config.Flag("scale_attn_by_inverse_layer_idx", false);
        return new Decoder
        {
            Vocabulary = config.Count("vocab_size", 50257),
            Hidden = hidden,
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = hidden / heads,
            FeedForward = config.CountOr("n_inner", checked(4 * Math.Min(hidden, 1 << 28))),
            Context = positions,
            Positions = positions,
            Layers = Common.Layers(layers, layer => new LayerPlan(null, 0, isScaledByLayer ? scale / (layer + 1) : scale)),
            Norm = NormKind.Layer,
            Epsilon = (float)config.Number("layer_norm_epsilon", 1e-5),
            Activation = Common.Activation(config, "activation_function", "gelu_new"),
            Gated = false,
            Layout = QueryKeyValueLayout.Joined,
            QueryKeyValueBias = true,
            OutputBias = true,
            FeedForwardBias = true,
            Transposed = true,
            Tied = config.Flag("tie_word_embeddings", true),
            Names = new TensorNames
            {
                Prefix = "transformer.",
                Embedding = "wte",
                Layer = "h.",
                FinalNorm = "ln_f",
                AttentionNorm = "ln_1",
                FeedForwardNorm = "ln_2",
                QueryKeyValue = "attn.c_attn",
                Output = "attn.c_proj",
                Up = "mlp.c_fc",
                Down = "mlp.c_proj",
                Inert = ["attn.bias", "attn.masked_bias"],
            },
        };
    }

    private static string Either(ModelConfig config, string own, string common) => config.Has(own) || !config.Has(common) ? own : common;
}
