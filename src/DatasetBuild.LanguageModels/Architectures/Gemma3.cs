using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.LanguageModels.Architectures;

/// <summary>Gemma 3 (arXiv 2503.19786), the model of text: queries and keys are normalised, most layers see a window and turn faster than the others.</summary>
internal static class Gemma3
{
    public static Decoder Describe(ModelConfig config)
    {
        var sizes = Sizes.Read(config, new SizeDefaults
        {
            Vocabulary = 262208, Hidden = 2304, FeedForward = 9216, Layers = 26, Heads = 8, KeyValueHeads = 4, HeadSize = 256, Context = 131072,
        });
        var pattern = config.IntOrNull(config.Has("sliding_window_pattern") ? "sliding_window_pattern" : "_sliding_window_pattern", 6) ?? 6;
        if (pattern < 1)
        {
            throw config.Wrong("sliding_window_pattern", "a whole number from 1 on");
        }

        var isLocal = Common.Windowed(config, sizes.Layers, layer => (layer + 1) % pattern != 0);
        var parts = config.Section("rope_parameters");
        var local = RotaryEmbedding.Create(config, parts?.Section("sliding_attention"), sizes.HeadSize, 1, config.Number("rope_local_base_freq", 10000), sizes.Context);
        var decoder = Gemma2.Sandwich(config, sizes, theta: 1e6);
        return decoder with
        {
            HeadNorm = HeadNorm.EachHead,
            Layers = [.. decoder.Layers
                .WithWindow(Common.Window(config, 4096), isLocal)
                .Select((layer, i) => isLocal(i) ? layer with { Rotary = local } : layer)],
            LogitCap = (float)(config.NumberOrNull("final_logit_softcapping", null) ?? 0),
        };
    }
}
