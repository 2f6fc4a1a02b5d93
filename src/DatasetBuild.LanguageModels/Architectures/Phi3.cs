using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Phi-3 and Phi-4 (arXiv 2404.14219): Llama with queries, keys and values in one matrix, gate and up in another, and LongRoPE.</summary>
internal static class Phi3
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults { Vocabulary = 32064, Hidden = 3072, FeedForward = 8192, Layers = 32, Heads = 32, Context = 4096 });
        var decoder = Common.Decoder(config, sizes, epsilon: 1e-5, original: 4096);
        return decoder with
        {
            Layers = decoder.Layers.WithWindow(Common.Window(config, null), _ => true),
            Layout = QueryKeyValueLayout.Joined,
            Names = decoder.Names with { GateUp = "mlp.gate_up_proj" },
        };
    }
}
