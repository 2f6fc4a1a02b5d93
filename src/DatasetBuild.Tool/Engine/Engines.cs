using DatasetBuild.LanguageModels;
using DatasetBuild.Scoring;

namespace DatasetBuild.Tool.Engine;

/// <summary>What this program brings along to compute with.</summary>
internal static class Engines
{
    /// <summary>Opens language models: on the CPU.</summary>
    public static ILanguageModelLoader Models => new CpuLanguageModelLoader();
}
