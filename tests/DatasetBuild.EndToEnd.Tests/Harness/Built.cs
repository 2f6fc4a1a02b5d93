using System.Reflection;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>Where the build of this repository put what the tests use.</summary>
internal static class Built
{
    private static readonly Dictionary<string, string> Places = typeof(Built).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(metadata => metadata.Value is not null)
        .ToDictionary(metadata => metadata.Key, metadata => metadata.Value!);

    public static string Repository => Places["Repository"];

    public static string Task => Places["Task"];

    public static string Engine => Places["Engine"];

    /// <summary>An engine that plays the script beside the plan; see its Program.cs for the commands.</summary>
    public static string FakeEngine => Places["FakeEngine"];

    /// <summary>What builds plan after plan in one process, once it lies beside an engine.</summary>
    public static string ResidentEngine => Places["ResidentEngine"];
}
