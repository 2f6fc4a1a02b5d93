using DatasetBuild.LanguageModels.Architectures;
using DatasetBuild.LanguageModels.Kernels;
using DatasetBuild.LanguageModels.Loading;
using DatasetBuild.Scoring;

namespace DatasetBuild.LanguageModels;

/// <summary>Opens decoder-only models of Hugging Face's layout for the processors of this machine, with nothing to install.</summary>
public sealed class CpuLanguageModelLoader : ILanguageModelLoader
{
    /// <summary>Fused multiply-add always; matrix products sequential in k for each output; every other reduction over 16 virtual lanes with a fixed tree; own exp and log.</summary>
    public const string Contract = "cpu-f32-v1";

    private readonly long memory;
    private readonly SimdPath path;

    public CpuLanguageModelLoader()
        : this(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, SimdPaths.Widest)
    {
    }

    /// <param name="memory">Bytes that this process may use.</param>
    /// <param name="path">How wide kernels are.</param>
    internal CpuLanguageModelLoader(long memory, SimdPath path)
    {
        this.memory = memory;
        this.path = path;
    }

    public string NumericsContract => Contract;

    /// <inheritdoc/>
    public ILanguageModel Open(string folder, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        if (!Directory.Exists(folder))
        {
            throw new DatasetException(ModelCodes.NoModel, "there is no such folder. A model is a folder with config.json and *.safetensors, as save_pretrained writes it", folder);
        }

        var decoder = ArchitectureCatalog.Describe(ModelConfig.Read(Path.Combine(folder, "config.json")));
        using var checkpoint = Checkpoint.Open(folder);
        if (checkpoint.Bytes > memory / 2)
        {
            throw new DatasetException(
                ModelCodes.TooLarge,
                $"its weights take {checkpoint.Bytes / 1e9:0.0} GB, more than half of the {memory / 1e9:0.0} GB of memory. Take a smaller model, one saved in bfloat16, or a larger machine",
                folder);
        }

        return new CpuLanguageModel(decoder, WeightReader.Read(checkpoint, decoder), threads, path);
    }
}
