using System.Text;
using DatasetBuild.Fuzz.Tests.Harness;
using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Loading;

namespace DatasetBuild.Fuzz.Tests.Targets;

/// <summary>A <c>config.json</c>: what is accepted describes a decoder of possible sizes, with positions for any length.</summary>
internal sealed class ModelConfigTarget : FuzzTarget
{
    private static readonly string[] Types =
        ["llama", "mistral", "mixtral", "qwen2", "qwen3", "gpt2", "gpt_neox", "gemma", "gemma2", "gemma3_text", "phi3", "olmo", "olmo2", "stablelm"];

    public override string Name => "model-config";

    public override bool IsJson => true;

    public override int ShortRun => 3000;

    public override IReadOnlyList<string> Words { get; } =
    [
        .. Types.Select(type => $"\"{type}\""), "\"model_type\":", "\"rope_scaling\":", "\"rope_parameters\":", "\"rope_type\":", "\"linear\"", "\"dynamic\"", "\"yarn\"", "\"llama3\"", "\"longrope\"", "\"factor\":", "\"layer_types\":",
        "\"sliding_attention\"", "\"full_attention\"", "\"text_config\":{}", "\"quantization_config\":{}", "null", "true", "-1", "0", "1e308", "1e-320", "2147483647", "0.5", "[]", "{}", "\"head_dim\":", "\"sliding_window\":", "\"\\ud800\"",
    ];

    // Ten thousand layers are possible, and each has a plan.
    public override long MayAllocate(int length) => (64L << 20) + (2000L * length);

    public override IEnumerable<byte[]> Seeds() => Types.Select(type => Encoding.UTF8.GetBytes(
        $$"""{"model_type":"{{type}}","vocab_size":61,"hidden_size":24,"intermediate_size":36,"num_hidden_layers":3,"num_attention_heads":4,"num_key_value_heads":4,"head_dim":8,"max_position_embeddings":64,"rope_theta":10000.0,"rope_scaling":{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":16,"low_freq_factor":1.0,"high_freq_factor":4.0},"sliding_window":4,"transformers_version":"4.45.1"}"""));

    public override string Run(byte[] input)
    {
        try
        {
            var decoder = ArchitectureCatalog.Describe(ModelConfig.Parse(input, "config.json"));
            Checks.Holds(decoder is { Vocabulary: > 0, Hidden: > 0, Heads: > 0, KeyValueHeads: > 0, HeadSize: > 0, FeedForward: > 0, Context: > 0 }, "a size is not positive");
            Checks.Holds(decoder.Heads % decoder.KeyValueHeads == 0, "heads do not share evenly");
            foreach (var layer in decoder.Layers.Take(3))
            {
                Checks.Holds(layer.Window >= 0, "a window is negative");
                Checks.Holds(layer.Rotary is null || layer.Rotary.For(100).Frequencies.Length * 2 <= decoder.HeadSize, "more is turned than there is");
            }

            return $"{decoder.Norm} {decoder.HeadNorm} {decoder.Layers[0].Rotary?.Plain.Magnitude is 1} {Checks.Bucket(decoder.Layers.Count)}";
        }
        catch (DatasetException error)
        {
            Checks.Holds(Checks.IsCode(error.Diagnostic.Code, '3') && error.Diagnostic.File is not null, "an error of a configuration has another code, or no file");
            return $"{error.Diagnostic.Code} {string.Concat(error.Diagnostic.Message.Where(char.IsAsciiLetter).Take(12))}";
        }
    }
}
