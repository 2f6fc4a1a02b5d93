using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>What differs between two builds: each record once, under the name of what happened to it, with its cause.</summary>
public sealed class ComparisonTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly TestProject project;

    public ComparisonTests()
    {
        project = new TestProject(folder.At("clone"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 12).Select(i => Asked(i))]);
        project.Shard("data/b.jsonl", [.. Enumerable.Range(12, 6).Select(i => Asked(i)), Asked(3)]);
        project.Stage("Twins", ("Kind", "ExactDedup"));
        project.Stage("Short", ("Kind", "TokenLength"), ("Counter", "Characters"), ("Part", "Response"), ("Max", "30"));
        project.Build();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_first_build_has_none_before_it() =>
        Should.Throw<DatasetException>(() => BuiltDataset.BeforeLast(Plan())).Diagnostic.Code.ShouldBe("DSB2062");

    [Fact]
    public void A_build_without_news_changes_nothing_of_what_is_compared()
    {
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 13).Select(i => Asked(i == 12 ? 100 : i))]);
        project.Build();
        project.Properties["DatasetVerifyInputs"] = "true";
        project.Build();

        Changes().ShouldBe(["Added data/a.jsonl:13 → kept: new in data/a.jsonl"]);
    }

    [Fact]
    public void Records_come_go_and_are_edited()
    {
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 12).Where(i => i != 1).Select(i => Asked(i == 6 ? 60 : i)), Asked(70)]);
        project.Shard("data/c.jsonl", Asked(80));
        project.Build();

        Changes().ShouldBe([
            "Added data/a.jsonl:12 → kept: new in data/a.jsonl",
            "Added data/c.jsonl:1 → kept: data/c.jsonl is new",
            "Removed data/a.jsonl:2: gone from data/a.jsonl",
            "Edited data/a.jsonl:7 → data/a.jsonl:6: edited in data/a.jsonl",
        ]);
    }

    [Fact]
    public void A_duplicate_is_rescued_when_its_twin_goes()
    {
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 12).Where(i => i != 3).Select(i => Asked(i))]);
        project.Build();

        Changes().ShouldBe([
            "Removed data/a.jsonl:4: gone from data/a.jsonl",
            "Rescued data/b.jsonl:7, dropped by Twins: duplicate, now kept: its twin was removed (data/a.jsonl:4)",
        ]);
    }

    [Fact]
    public void A_record_is_displaced_by_a_new_twin_before_it()
    {
        project.Shard("data/0.jsonl", Asked(14), Asked(90));
        project.Build();

        Changes().ShouldBe([
            "Added data/0.jsonl:1 → kept: data/0.jsonl is new",
            "Added data/0.jsonl:2 → kept: data/0.jsonl is new",
            "Displaced data/b.jsonl:3, kept, now dropped by Twins: duplicate: the same as a new record (data/0.jsonl:1)",
        ]);
    }

    [Fact]
    public void A_threshold_displaces_and_rescues()
    {
        project.Stages[1].Metadata["Max"] = "24";
        project.Build();
        Changes().ShouldAllBe(change => change.StartsWith("Displaced ", StringComparison.Ordinal) && change.Contains("now dropped by Short: above Max: Short: Max 30 → 24 (score 25)"));
        Changes().Count.ShouldBe(8);

        project.Stages[1].Metadata["Max"] = "30";
        project.Build();
        Changes().ShouldAllBe(change => change.StartsWith("Rescued ", StringComparison.Ordinal) && change.EndsWith("now kept: Short: Max 24 → 30 (score 25)", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_enters_a_ranking_displaces_others()
    {
        project.Stages[1].Metadata.Remove("Max");
        project.Stages[1].Metadata["Keep"] = "10";
        project.Stages[1].Metadata["Ties"] = "Position";
        project.Build();
        project.Shard("data/0.jsonl", Asked(123456));
        project.Build();

        Changes().Count(change => change.StartsWith("Displaced ", StringComparison.Ordinal)).ShouldBe(1);
        Changes()[1].ShouldContain("now dropped by Short: behind Keep: Short keeps 10 of 19, before 10 of 18 (score ");
    }

    [Fact]
    public void A_stage_that_comes_or_goes_is_the_cause()
    {
        project.Stages.Insert(1, ("Other", new() { ["Kind"] = "Random", ["Keep"] = "17" }));
        project.Build();
        Changes().Single().ShouldContain("now dropped by Other: behind Keep: the stage Other is new (score 0.");

        project.Stages.RemoveAt(1);
        project.Build();
        Changes().Single().ShouldContain("now kept: the stage Other is gone (score 0.");
    }

    [Fact]
    public void A_new_evaluation_item_displaces_what_stands_in_it()
    {
        project.Evaluate("eval/test.jsonl", [Item("Nothing of this is in any record.")], ("Fields", "question"));
        project.Stage("Clean", ("Kind", "Decontaminate"), ("N", "4"));
        project.Build();
        project.Evaluate("eval/test.jsonl", [Item("Nothing of this is in any record."), Item("What comes after 7?")], ("Fields", "question"));
        project.Build();

        Changes().Single().ShouldBe(
            "Displaced data/a.jsonl:8, kept, now dropped by Clean: contaminated: Clean: the evaluation items changed (shares words with eval/test.jsonl:2)");
    }

    [Fact]
    public void Records_that_move_are_one_change_each()
    {
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 10).Select(i => Asked(i))]);
        project.Shard("data/c.jsonl", Asked(11), Asked(10));
        project.Build();

        Changes().ShouldBe([
            "Moved data/a.jsonl:12 → data/c.jsonl:1: data/a.jsonl → data/c.jsonl",
            "Moved data/a.jsonl:11 → data/c.jsonl:2: data/a.jsonl → data/c.jsonl",
        ]);
    }

    [Fact]
    public void Records_that_change_sides_have_moved()
    {
        project.Properties["DatasetValidationSplit"] = "30%";
        project.Build();

        var moved = Changes();
        moved.ShouldNotBeEmpty();
        moved.ShouldAllBe(change => change.StartsWith("Moved ", StringComparison.Ordinal) && change.EndsWith(": train → validation: DatasetValidationSplit unset → 30%", StringComparison.Ordinal));
        moved.Count.ShouldBe(project.Lines("validation").Count);
    }

    [Fact]
    public void A_twin_that_changes_sides_has_not_moved_before_anything()
    {
        string[] letters = [.. Enumerable.Range(0, 30).Select(i => $"word{i}")];
        string Text(int triple, params int[] changed) => Asked(triple) is var asked
            ? asked.Replace("\"}", $" {string.Join(' ', letters.Select((word, i) => changed.Contains(i) ? $"other{triple}x{i}" : $"{word}x{triple}"))}\"}}", StringComparison.Ordinal)
            : "";
        project.Stages.Clear();
        project.Shard("data/a.jsonl", [.. Enumerable.Range(0, 12).SelectMany(i => new[] { Text(i), Text(i, 3), Text(i, 3, 20) })]);
        project.Shard("data/b.jsonl", Asked(99));
        project.Stage("Near", ("Kind", "NearDedup"), ("Threshold", "0.85"), ("ShingleSize", "2"));
        project.Properties["DatasetValidationSplit"] = "50%";
        project.Build();
        project.Stages[0].Metadata["Threshold"] = "0.6";
        project.Build();

        var changes = Changes();
        changes.ShouldContain(change => change.StartsWith("Moved ", StringComparison.Ordinal));
        var displaced = changes.Where(change => change.StartsWith("Displaced ", StringComparison.Ordinal)).ToList();
        displaced.ShouldNotBeEmpty();
        displaced.ShouldAllBe(change => change.Contains("Near: Threshold 0.85 → 0.6"));
    }

    /// <summary>As from an artifact of an earlier run: the report alone, the subset with its report, or the subset alone.</summary>
    [Fact]
    public void Copies_elsewhere_are_compared_too()
    {
        Copy(project.ReportPath, folder.At("old", "dataset.report"));
        Copy(project.OutputPath, folder.At("old", "dataset"));
        Copy(project.OutputPath, folder.At("bare"));
        project.Shard("data/a.jsonl", [.. Enumerable.Range(1, 11).Select(i => Asked(i))]);
        project.Stages[1].Metadata["Max"] = "21";
        project.Build();
        Directory.Delete(project.CachePath, recursive: true);
        var expected = Changes();

        Changes(BuiltDataset.Open(folder.At("old")), BuiltDataset.OfProject(Plan())).ShouldBe(expected);
        Changes(BuiltDataset.Open(folder.At("old", "dataset")), BuiltDataset.Open(project.OutputPath)).ShouldBe(expected);
        Changes(BuiltDataset.Open(folder.At("old", "dataset", ".datasetbuild", "manifest.json")), BuiltDataset.Open(project.ReportPath)).ShouldBe(expected);

        var bare = Changes(BuiltDataset.Open(folder.At("bare")), BuiltDataset.OfProject(Plan()));
        bare.Count(change => change.StartsWith("Removed ", StringComparison.Ordinal)).ShouldBe(1);
        bare.Count(change => change.Contains("now dropped by Short: above Max: Short: Max 30 → 21", StringComparison.Ordinal)).ShouldBe(expected.Count - 1);
        Changes(BuiltDataset.Open(folder.At("bare")), BuiltDataset.Open(folder.At("bare"))).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_to_compare_is_told_with_its_place()
    {
        Directory.CreateDirectory(folder.At("empty"));
        var error = Should.Throw<DatasetException>(() => BuiltDataset.Open(folder.At("empty"))).Diagnostic;
        (error.Code, error.File).ShouldBe(("DSB2061", folder.At("empty")));

        folder.Write("other.json", "{}"u8);
        Should.Throw<DatasetException>(() => BuiltDataset.Open(folder.At("other.json"))).Diagnostic.Code.ShouldBe("DSB2061");
    }

    [Theory]
    [InlineData("")]
    [InlineData("line,verdict,droppedBy,reason,twin,Twins,Short\n1,kept,,,,,\n")]
    [InlineData("line,verdict,droppedBy,reason,twin,key,split,Twins,Short\n1,kept,,,\n")]
    [InlineData("line,verdict,droppedBy,reason,twin,key,split,Twins,Short\nx,kept,,,,00000000000000000000000000000000,train,,\n")]
    [InlineData("line,verdict,droppedBy,reason,twin,key,split,Twins,Short\n1,kept,,,,no key,train,,\n")]
    [InlineData("line,verdict,droppedBy,reason,twin,key,split,Twins,Short\n1,\"kept")]
    public void Verdicts_that_no_build_has_written_are_told_with_their_place(string content)
    {
        Copy(project.ReportPath, folder.At("old"));
        var path = folder.Write("old/verdicts/data/a.jsonl.csv", System.Text.Encoding.UTF8.GetBytes(content));

        var error = Should.Throw<DatasetException>(() => Changes(BuiltDataset.Open(folder.At("old")), BuiltDataset.OfProject(Plan()))).Diagnostic;

        (error.Code, error.File).ShouldBe(("DSB1056", path));
    }

    [Fact]
    public void Without_the_verdicts_of_a_shard_a_report_is_no_report()
    {
        Copy(project.ReportPath, folder.At("old"));
        File.Delete(folder.At("old", "verdicts", "data", "b.jsonl.csv"));
        Should.Throw<DatasetException>(() => Changes(BuiltDataset.Open(folder.At("old")), BuiltDataset.OfProject(Plan()))).Diagnostic.Code.ShouldBe("DSB1056");
    }

    [Fact]
    public void A_report_that_somebody_changed_is_not_kept_as_what_a_build_said()
    {
        File.AppendAllText(Path.Combine(project.ReportPath, "verdicts", "data", "a.jsonl.csv"), "something\n");
        project.Shard("data/a.jsonl", Asked(1));
        project.Build();
        Should.Throw<DatasetException>(() => BuiltDataset.BeforeLast(Plan())).Diagnostic.Code.ShouldBe("DSB2062");
    }

    internal static List<RecordChange> Compare(BuiltDataset before, BuiltDataset after)
    {
        using var reader = new ChangeReader(before.Side!, after.Side!, PoolComparison.Of(before.Side!, after.Side!, isOneDataset: true, CancellationToken.None));
        return [.. reader.Read()];
    }

    private static List<string> Changes(BuiltDataset before, BuiltDataset after) => [.. Compare(before, after).Select(change =>
    {
        var places = change switch
        {
            { Kind: ChangeKind.Rescued or ChangeKind.Displaced } => $"{change.After!.Place}, {change.Before!.Fate}, now {change.After.Fate}",
            { Before: { } old, After: { } now } => $"{old.Place} → {now.Place}",
            { After: { } now } => $"{now.Place} → {now.Fate}",
            _ => change.Before!.Place,
        };
        return $"{change.Kind} {places}: {change.Cause.Text}{(change.Cause.Detail.Length > 0 ? $" ({change.Cause.Detail})" : "")}";
    })];

    private List<string> Changes() => Changes(BuiltDataset.BeforeLast(Plan()), BuiltDataset.OfProject(Plan()));

    private Plan Plan() => DatasetBuild.Pipeline.Plan.Load(project.PlanPath);

    internal static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static string Asked(int i) => JsonSerializer.Serialize(new { prompt = $"What comes after {i}?", completion = $"After {i} comes {i + 1}, I say." });

    private static string Item(string question) => JsonSerializer.Serialize(new { question });
}
