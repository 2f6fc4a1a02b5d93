using System.Reflection;

namespace DatasetBuild.Pipeline;

/// <summary>Which engine this is.</summary>
public static class EngineVersion
{
    /// <summary>The released version, as it stands in manifests.</summary>
    public static string Text { get; } =
        typeof(EngineVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    /// <summary>Different for any two engines whose code differs: a subset that another engine built is built again.</summary>
    public static string Build { get; } = $"{Text}/{typeof(EngineVersion).Module.ModuleVersionId:N}";
}
