using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>OLMo 2 (arXiv 2501.00656): norms behind each block instead of before it, and over all queries and all keys of a token.</summary>
internal static class Olmo2
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults { Vocabulary = 50304, Hidden = 4096, FeedForward = 11008, Layers = 32, Heads = 32, Context = 2048 });
        var decoder = Common.Decoder(config, sizes, epsilon: 1e-5);
        var bias = config.Flag("attention_bias", false);
        return decoder with
        {
            HeadNorm = HeadNorm.AllHeads,
            QueryKeyValueBias = bias,
            OutputBias = bias,
            Names = decoder.Names with
            {
                AttentionNorm = null,
                AttentionPostNorm = "post_attention_layernorm",
                FeedForwardNorm = null,
                FeedForwardPostNorm = "post_feedforward_layernorm",
            },
        };
    }
}
