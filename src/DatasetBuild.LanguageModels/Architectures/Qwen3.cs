using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Qwen 3 (arXiv 2505.09388): Qwen 2 without those biases, queries and keys normalised head by head.</summary>
internal static class Qwen3
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults
        {
            Vocabulary = 151936, Hidden = 4096, FeedForward = 22016, Layers = 32, Heads = 32, KeyValueHeads = 32, HeadSize = 128, Context = 32768,
        });
        var bias = config.Flag("attention_bias", false);
        return Qwen2.WithUpperWindow(config, Common.Decoder(config, sizes) with { HeadNorm = HeadNorm.EachHead, QueryKeyValueBias = bias, OutputBias = bias });
    }
}
