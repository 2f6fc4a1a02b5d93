using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Qwen 2 and 2.5 (arXiv 2407.10671): Llama with biases on queries, keys and values, and perhaps a window over the upper layers.</summary>
internal static class Qwen2
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults { Vocabulary = 151936, Hidden = 4096, FeedForward = 22016, Layers = 32, Heads = 32, KeyValueHeads = 32, Context = 32768 });
        return WithUpperWindow(config, Common.Decoder(config, sizes) with { QueryKeyValueBias = true });
    }

    /// <summary><c>sliding_window</c> counts with <c>use_sliding_window</c> only, and then for the layers from <c>max_window_layers</c> on.</summary>
    public static Decoder WithUpperWindow(ModelConfig config, Decoder decoder)
    {
        var window = config.Flag("use_sliding_window", false) ? Common.Window(config, 4096) : null;
        var first = config.IntOrNull("max_window_layers", 28) ?? 28;
        return decoder with { Layers = decoder.Layers.WithWindow(window, Common.Windowed(config, decoder.Layers.Count, layer => layer >= first)) };
    }
}
