namespace DatasetBuild.Tests.Pipeline;

/// <summary>
/// The promise that all others rest on: whatever happened before, a warm build gives the bytes of a clean one, which has another cache, another
/// state and another path.
/// </summary>
public sealed class WarmEqualsCleanTests
{
    private const int Steps = 8;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 48)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void After_any_changes_a_warm_build_equals_a_clean_one(int seed)
    {
        using var folder = new ScratchFolder();
        var random = new RandomProject(seed);
        var warm = new TestProject(folder.At("warm"));
        for (var step = 0; step <= Steps; step++)
        {
            random.Apply(warm);
            var (_, warmError) = warm.TryBuild();

            var clean = new TestProject(folder.At("clean", $"{step}", "somewhere", "else"));
            random.Apply(clean);
            clean.Properties["DatasetThreads"] = "2";
            var (_, cleanError) = clean.TryBuild();

            var history = $"seed {seed}: {string.Join("; ", random.History)}";
            warmError.ShouldBe(cleanError, history);
            if (cleanError is null)
            {
                Differences(warm.Snapshot(), clean.Snapshot()).ShouldBeEmpty(history);
            }

            random.Step();
        }
    }

    internal static List<string> Differences(Dictionary<string, string> one, Dictionary<string, string> other) =>
        [.. one.Keys.Union(other.Keys).Where(path => one.GetValueOrDefault(path) != other.GetValueOrDefault(path)).Order(StringComparer.Ordinal)];
}
