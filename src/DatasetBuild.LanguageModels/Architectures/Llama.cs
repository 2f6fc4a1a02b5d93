using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Llama 1 to 3.x (arXiv 2302.13971): RMSNorm before each block, rotary embedding, grouped queries, SwiGLU.</summary>
internal static class Llama
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults { Vocabulary = 32000, Hidden = 4096, FeedForward = 11008, Layers = 32, Heads = 32, Context = 2048 });
        var bias = config.Flag("attention_bias", false);
        return Common.Decoder(config, sizes) with
        {
            QueryKeyValueBias = bias,
            OutputBias = bias,
            FeedForwardBias = config.Flag("mlp_bias", false),
        };
    }
}
