using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Mistral (arXiv 2310.06825): Llama with a window over all layers.</summary>
internal static class Mistral
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults { Vocabulary = 32000, Hidden = 4096, FeedForward = 14336, Layers = 32, Heads = 32, KeyValueHeads = 8, Context = 131072 });
        var decoder = Common.Decoder(config, sizes);
        return decoder with { Layers = decoder.Layers.WithWindow(Common.Window(config, 4096), _ => true) };
    }
}
