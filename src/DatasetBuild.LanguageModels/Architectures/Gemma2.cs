using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Gemma 2 (arXiv 2408.00118): Gemma with norms on both sides of each block, soft caps, and a window over every other layer.</summary>
internal static class Gemma2
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults
        {
            Vocabulary = 256000, Hidden = 2304, FeedForward = 9216, Layers = 26, Heads = 8, KeyValueHeads = 4, HeadSize = 256, Context = 8192,
        });
        var decoder = Sandwich(config, sizes, theta: 10000);
        return decoder with
        {
            Layers = decoder.Layers.WithWindow(Common.Window(config, 4096), Common.Windowed(config, sizes.Layers, layer => layer % 2 == 0)),
            ScoreCap = (float)(config.NumberOrNull("attn_logit_softcapping", 50) ?? 0),
            LogitCap = (float)(config.NumberOrNull("final_logit_softcapping", 30) ?? 0),
        };
    }

    /// <summary>What Gemma 2 and 3 have in common.</summary>
    public static Decoder Sandwich(ModelConfig config, Sizes sizes, double theta)
    {
        var decoder = Common.Decoder(config, sizes, theta, tied: true, activationKey: "hidden_activation", activation: "gelu_pytorch_tanh");
        var scalar = config.Number("query_pre_attn_scalar", 256);
        if (scalar <= 0)
        {
            throw config.Wrong("query_pre_attn_scalar", "a number above 0");
        }

        var bias = config.Flag("attention_bias", false);
        return decoder with
        {
            Norm = NormKind.RmsPlusOne,
            EmbeddingScale = MathF.Sqrt(sizes.Hidden),
            QueryKeyValueBias = bias,
            OutputBias = bias,
            Layers = [.. decoder.Layers.Select(layer => layer with { Scale = Common.Scale(scalar) })],
            Names = decoder.Names with
            {
                AttentionPostNorm = "post_attention_layernorm",
                FeedForwardNorm = "pre_feedforward_layernorm",
                FeedForwardPostNorm = "post_feedforward_layernorm",
            },
        };
    }
}
