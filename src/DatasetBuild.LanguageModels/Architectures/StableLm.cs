using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>StableLM (arXiv 2402.17834): LayerNorm, rotary embedding of a part of each head, perhaps attention and feed-forward side by side.</summary>
internal static class StableLm
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults { Vocabulary = 50304, Hidden = 2560, FeedForward = 6912, Layers = 32, Heads = 32, KeyValueHeads = 32, Context = 4096 });
        var decoder = Common.Decoder(config, sizes, epsilon: 1e-5, share: 0.25, epsilonKey: "layer_norm_eps");
        var isParallel = config.Flag("use_parallel_residual", false);
        return decoder with
        {
            Norm = NormKind.Layer,
            Parallel = isParallel,
            QueryKeyValueBias = config.Flag("use_qkv_bias", false),
            HeadNorm = config.Flag("qk_layernorm", false) ? HeadNorm.EachHeadOwn : HeadNorm.None,
            Names = decoder.Names with
            {
                FeedForwardNorm = isParallel ? null : decoder.Names.FeedForwardNorm,
                QueryNorm = "self_attn.q_layernorm",
                KeyNorm = "self_attn.k_layernorm",
            },
        };
    }
}
