using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Gemma (arXiv 2403.08295): Llama with GELU, scaled embeddings, and norms whose weights are stored less one.</summary>
internal static class Gemma
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults
        {
            Vocabulary = 256000, Hidden = 3072, FeedForward = 24576, Layers = 28, Heads = 16, KeyValueHeads = 16, HeadSize = 256, Context = 8192,
        });

        // The first files said "gelu" and meant its approximation: what counts is hidden_activation, if it is there.
        var isLegacy = !config.Holds("hidden_activation") && config.TextOrNull("hidden_act", null) is null or "gelu";
        return Common.Decoder(config, sizes, tied: true, activationKey: config.Holds("hidden_activation") ? "hidden_activation" : isLegacy ? null : "hidden_act", activation: "gelu_pytorch_tanh") with
        {
            Norm = NormKind.RmsPlusOne,
            EmbeddingScale = MathF.Sqrt(sizes.Hidden),
            QueryKeyValueBias = config.Flag("attention_bias", false),
            OutputBias = config.Flag("attention_bias", false),
        };
    }
}
