using DatasetBuild.LanguageModels;
using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Loading;
using DatasetBuild.Scoring;
using TorchSharp;

namespace DatasetBuild.TorchModels;

/// <summary>Opens models of the Llama family for a device of TorchSharp.</summary>
/// <param name="device">Such as <c>cuda</c>, <c>cuda:1</c> or <c>cpu</c>.</param>
public sealed class TorchLanguageModelLoader(string device) : ILanguageModelLoader
{
    /// <summary>Its sums are in whatever order the device takes: never the bits of another device, nor of another version.</summary>
    public string NumericsContract => $"torch-f32-{device.Split(':')[0]}-v1";

    /// <inheritdoc/>
    public ILanguageModel Open(string folder, int threads)
    {
        var config = ModelConfig.Read(Path.Combine(folder, "config.json"));
        var decoder = ArchitectureCatalog.Describe(config);
        if (!IsOfLlamaFamily(decoder))
        {
            throw new DatasetException(ModelCodes.UnknownArchitecture, "TorchSharp computes models of the Llama family only: Llama, Mistral, Qwen 2 and 3. Take the processor for this one", config.File);
        }

        using var checkpoint = Checkpoint.Open(folder);
        var target = torch.device(device);
        return new TorchLanguageModel(decoder, new TorchWeights(checkpoint, decoder, target), target, NumericsContract);
    }

    private static bool IsOfLlamaFamily(Decoder decoder) =>
        decoder is
        {
            Norm: NormKind.Rms, Layout: QueryKeyValueLayout.Separate, Parallel: false, Gated: true, Transposed: false, Experts: 0, Positions: 0, Clip: 0, ScoreCap: 0, LogitCap: 0, EmbeddingScale: 1,
            HeadNorm: HeadNorm.None or HeadNorm.EachHead, Activation: LanguageModels.Kernels.Activation.Silu,
            Names: { AttentionNorm: not null, AttentionPostNorm: null, FeedForwardNorm: not null, FeedForwardPostNorm: null },
        };
}
