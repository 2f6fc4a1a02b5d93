using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>OLMo (arXiv 2402.00838): Llama with a LayerNorm that has no weights, and perhaps clipped queries, keys and values.</summary>
internal static class Olmo
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults { Vocabulary = 50304, Hidden = 4096, FeedForward = 11008, Layers = 32, Heads = 32, Context = 2048 });
        var bias = config.Flag("attention_bias", false);
        var clip = config.NumberOrNull("clip_qkv", null);
        return clip is <= 0
            ? throw config.Wrong("clip_qkv", "a number above 0")
            : Common.Decoder(config, sizes) with
            {
                Norm = NormKind.LayerPlain,
                Epsilon = 1e-5f,
                Clip = (float)(clip ?? 0),
                QueryKeyValueBias = bias,
                OutputBias = bias,
            };
    }
}
