using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>GPT-NeoX (arXiv 2204.06745), Pythia: LayerNorm, attention and feed-forward side by side, rotary embedding of a part of each head.</summary>
internal static class GptNeoX
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults { Vocabulary = 50432, Hidden = 6144, FeedForward = 24576, Layers = 44, Heads = 64, Context = 2048 });
        if (sizes.KeyValueHeads != sizes.Heads || sizes.HeadSize * (long)sizes.Heads != sizes.Hidden)
        {
            throw config.Impossible("its heads do not make up its hidden size");
        }

        var decoder = Common.Decoder(
            config, sizes, config.Number("rotary_emb_base", 10000), 1e-5, config.Number("rotary_pct", 0.25), epsilonKey: "layer_norm_eps", activation: "gelu");
        var bias = config.Flag("attention_bias", true);
        return decoder with
        {
            Norm = NormKind.Layer,
            Parallel = config.Flag("use_parallel_residual", true),
            Gated = false,
            Layout = QueryKeyValueLayout.JoinedByHead,
            QueryKeyValueBias = bias,
            OutputBias = bias,
            FeedForwardBias = true,
            Names = decoder.Names with
            {
                Prefix = "gpt_neox.",
                Embedding = "embed_in",
                FinalNorm = "final_layer_norm",
                Head = "embed_out",
                QueryKeyValue = "attention.query_key_value",
                Output = "attention.dense",
                Up = "mlp.dense_h_to_4h",
                Down = "mlp.dense_4h_to_h",
                Inert = ["attention.bias", "attention.masked_bias", "attention.rotary_emb.inv_freq"],
            },
        };
    }
}
