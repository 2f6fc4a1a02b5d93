using DatasetBuild.LanguageModels;
using DatasetBuild.Scoring;

namespace DatasetBuild.Tool.Engine;

/// <summary>What this program brings along to compute with.</summary>
internal static class Engines
{
    /// <summary>Opens language models: on the CPU.</summary>
    public static ILanguageModelLoader Models { get; } = new CpuModels();

    /// <summary>Most builds ask no model anything: they do not wait for its code either.</summary>
    private sealed class CpuModels : ILanguageModelLoader
    {
        public string NumericsContract => CpuLanguageModelLoader.Contract;

        public ILanguageModel Open(string folder, int threads) => new CpuLanguageModelLoader().Open(folder, threads);
    }
}
