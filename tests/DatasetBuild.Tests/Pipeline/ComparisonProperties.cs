using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>Whatever people do to a project: what was there before, with the changes, is what is there now.</summary>
public sealed class ComparisonProperties
{
    private const int Rounds = 4;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 16)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_changes_lead_from_one_pool_and_subset_to_the_other(int seed)
    {
        using var folder = new ScratchFolder();
        var random = new RandomProject(seed);
        var project = new TestProject(folder.At("project"));
        var isBuilt = Build(random, project);
        for (var round = 0; round < Rounds; round++)
        {
            var old = folder.At($"old {round}");
            if (isBuilt)
            {
                ComparisonTests.Copy(project.ReportPath, old);
            }

            for (var steps = 0; steps <= round % 3; steps++)
            {
                random.Step();
            }

            if (Build(random, project) && isBuilt && Contents(old) != Contents(project.ReportPath))
            {
                Check(old, project.ReportPath);
                var plan = Plan.Load(project.PlanPath);
                Describe(ComparisonTests.Compare(BuiltDataset.BeforeLast(plan), BuiltDataset.OfProject(plan)))
                    .ShouldBe(Describe(ComparisonTests.Compare(BuiltDataset.Open(old), BuiltDataset.Open(project.ReportPath))), string.Join("; ", random.History));
            }

            isBuilt = Directory.Exists(project.ReportPath);
        }
    }

    private static void Check(string old, string now)
    {
        var changes = ComparisonTests.Compare(BuiltDataset.Open(old), BuiltDataset.Open(now));
        var (before, after) = (Rows(old), Rows(now));
        Lead(before, after, changes, kept: false);
        Lead([.. before.Where(row => row.Kept)], [.. after.Where(row => row.Kept)], changes, kept: true);
        foreach (var change in changes)
        {
            (change.Before?.Key == change.After?.Key).ShouldBe(change.Kind is ChangeKind.Rescued or ChangeKind.Displaced or ChangeKind.Moved);
            if (change.Kind is ChangeKind.Added or ChangeKind.Edited)
            {
                var key = change.After!.Key.ToString();
                after.Count(row => row.Key == key).ShouldBeGreaterThan(before.Count(row => row.Key == key));
            }
        }
    }

    /// <summary>All that a report says of records: without news in it, the build before remains the one to compare with.</summary>
    private static string Contents(string report) => string.Concat(Directory.GetFiles(report, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetExtension(file) is ".csv" or ".json").Order(StringComparer.Ordinal).Select(file => Path.GetRelativePath(report, file) + File.ReadAllText(file)));

    private static List<string> Describe(List<RecordChange> changes) =>
        [.. changes.Select(change => $"{change.Kind} {change.Before?.Place} {change.After?.Place} {change.Before?.Fate} {change.After?.Fate} {change.Cause}")];

    private static void Lead(List<(string Key, bool Kept)> before, List<(string Key, bool Kept)> after, List<RecordChange> changes, bool kept)
    {
        var keys = before.Select(row => row.Key).ToList();
        foreach (var old in changes.Select(change => change.Before).OfType<ComparedRecord>().Where(old => !kept || old.Fate.IsKept))
        {
            keys.Remove(old.Key.ToString()).ShouldBeTrue();
        }

        keys.AddRange(changes.Select(change => change.After).OfType<ComparedRecord>().Where(now => !kept || now.Fate.IsKept).Select(now => now.Key.ToString()));
        keys.Order(StringComparer.Ordinal).ShouldBe(after.Select(row => row.Key).Order(StringComparer.Ordinal));
    }

    private static bool Build(RandomProject random, TestProject project)
    {
        random.Apply(project);
        return project.TryBuild().Error is null;
    }

    /// <summary>Every row of a report, read without the code that is under test.</summary>
    private static List<(string Key, bool Kept)> Rows(string report) =>
    [
        .. Directory.GetFiles(Path.Combine(report, "verdicts"), "*.csv", SearchOption.AllDirectories).SelectMany(file => File.ReadLines(file).Skip(1)).Select(row =>
        {
            using var text = new StringReader(row);
            var cells = new CsvReader(text, row.Length + 1).ReadRow()!;
            return (cells[5], cells[1] == "kept");
        }),
    ];
}
