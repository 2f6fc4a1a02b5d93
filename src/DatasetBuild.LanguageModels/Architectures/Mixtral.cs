using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Mixtral (arXiv 2401.04088): Mistral with several feed-forward blocks a layer, of which each token takes some.</summary>
internal static class Mixtral
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults { Vocabulary = 32000, Hidden = 4096, FeedForward = 14336, Layers = 32, Heads = 32, KeyValueHeads = 8, Context = 131072 });
        var decoder = Common.Decoder(config, sizes, theta: 1e6, epsilon: 1e-5);
        var experts = config.Count("num_local_experts", 8);
        var taken = config.Count("num_experts_per_tok", 2);
        return taken > experts
            ? throw config.Impossible($"a token cannot take {taken} of {experts} experts")
            : decoder with
            {
                Layers = decoder.Layers.WithWindow(Common.Window(config, null), _ => true),
                Experts = experts,
                ExpertsOfToken = taken,
                Names = decoder.Names with { Gate = "w1", Down = "w2", Up = "w3" },
            };
    }
}
