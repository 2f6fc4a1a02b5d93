using System.Globalization;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>Where the choices of a test come from: DATASET_TEST_SEED, or chance; the test's output tells which.</summary>
internal static class Seeds
{
    public static int Of(ITestOutputHelper output)
    {
        var seed = Environment.GetEnvironmentVariable("DATASET_TEST_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next(1_000_000_000);
        output.WriteLine($"DATASET_TEST_SEED={seed}");
        return seed;
    }
}
