using DatasetBuild.Pipeline;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Pipeline;

public sealed class DatasetBaseTests : IDisposable
{
    private const string Known = """{"prompt":"one two three four five six seven eight","completion":"nine ten"}""";
    private const string Near = """{"prompt":"one two three four five six seven eight","completion":"nine ten eleven"}""";
    private const string Other = """{"prompt":"something else","completion":"altogether"}""";

    private readonly ScratchFolder folder = new();
    private int projects;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("ExactDedup", 2)]
    [InlineData("NearDedup", 1)]
    public void What_the_base_has_is_dropped_and_the_base_is_not_written(string kind, int kept)
    {
        var project = Project(kind, [Known], [Other, Near, Known]);
        project.Bases.Add(project.Shards[0] with { Name = "base/more.jsonl" });
        project.Write("base/more.jsonl", Known + "\n" + Known + "\n");

        var build = project.Build();

        build.Diagnostics.ShouldBeEmpty();
        build.Result.Kept.ShouldBe(kept);
        project.Lines().ShouldNotContain(Known);
        project.Manifest()["base"]!.AsArray().Count.ShouldBe(2);
        project.Manifest()["inputs"]!.AsArray().Count.ShouldBe(1);
        File.ReadAllText(Path.Combine(project.ReportPath, "verdicts", "data", "new.jsonl.csv")).ShouldContain("base/base.jsonl:1");
    }

    [Fact]
    public void A_normalised_content_counts_in_the_base_too()
    {
        var project = Project("ExactDedup", [Known.ToUpperInvariant().Replace("PROMPT", "prompt", StringComparison.Ordinal).Replace("COMPLETION", "completion", StringComparison.Ordinal)], [Known, Other]);
        project.Stages[0].Metadata["Normalize"] = "Lower";

        project.Build().Result.Kept.ShouldBe(1);
    }

    [Fact]
    public void A_record_that_leaves_the_base_lets_its_twin_return_and_an_unchanged_base_is_nothing_to_do()
    {
        var project = Project("NearDedup", [Known, Other], [Near]);
        project.Build().Result.Kept.ShouldBe(0);

        Age(project);
        project.Build();
        DatasetBuilder.TryUpToDate(project.PlanPath, project.StatePath, out var difference).ShouldNotBeNull(difference);

        project.Write("base/base.jsonl", Other + "\n");
        DatasetBuilder.TryUpToDate(project.PlanPath, project.StatePath, out _).ShouldBeNull();
        var build = project.Build();
        (build.Result.Kept, build.Scored).ShouldBe((1, 0));
        Causes(project).ShouldBe(["base: DatasetBase changed, where its twin was (base/base.jsonl:1)"]);

        project.Write("base/base.jsonl", Other + "\n" + Known + "\n");
        project.Build().Result.Kept.ShouldBe(0);
        Causes(project).ShouldBe(["base: DatasetBase changed, where its twin is (base/base.jsonl:2)"]);
    }

    private static List<string> Causes(TestProject project)
    {
        var plan = Plan.Load(project.PlanPath);
        return [.. ComparisonTests.Compare(BuiltDataset.BeforeLast(plan), BuiltDataset.OfProject(plan)).Select(change => $"{change.Cause.Kind}: {change.Cause.Text} ({change.Cause.Detail})")];
    }

    [Theory]
    [InlineData("Star")]
    [InlineData("Connected")]
    public void It_is_what_comparing_every_pair_gives(string linkage) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(6),
        Prop.ForAll(Selection.Seeds.Any, seed =>
        {
            var texts = new NearPool(seed, 80).Texts;
            const int BaseCount = 25;
            var project = Project("NearDedup", [.. texts[..BaseCount].Select(NearPool.Record)], [.. texts[BaseCount..].Select(NearPool.Record)]);
            foreach (var (name, value) in (IEnumerable<(string, string)>)[("Linkage", linkage), ("Threshold", "0.6"), ("ShingleSize", "2"), ("Bands", "32"), ("Rows", "1")])
            {
                project.Stages[0].Metadata[name] = value;
            }

            var expected = NearPool.Survivors(texts, 0.6, linkage == "Connected", fixedCount: BaseCount);
            project.Build();
            var analysis = Analysis.Run(Plan.Load(project.PlanPath), new Build(null), CancellationToken.None);
            var kept = Enumerable.Range(0, analysis.Pool.Count).Where(record => analysis.Fates.DroppedBy(record) < 0).Select(record => record + BaseCount);
            kept.ShouldBe(Enumerable.Range(BaseCount, texts.Count - BaseCount).Where(i => expected[i] == i));
        }));

    [Fact]
    public void Without_a_stage_that_looks_for_duplicates_it_is_said_that_nothing_reads_the_base()
    {
        var project = Project("TokenLength", [Known], [Known]);
        (project.Stages[0].Metadata["Counter"], project.Stages[0].Metadata["Min"]) = ("Bytes", "1");

        project.Build().Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(ProjectCodes.UnusedFiles);
    }

    [Theory]
    [InlineData("NearDedup")]
    [InlineData("ExactDedup")]
    public void What_is_counted_are_records_of_the_dataset_and_not_of_the_base(string kind)
    {
        var project = Project(kind, [Known, Other], [Near]);
        project.Stages[0].Metadata["Part"] = "Prompt";
        project.Build().Stages.ShouldHaveSingleItem().Scored.ShouldBe(1);

        project.Stages[0].Metadata["Missing"] = "Keep";
        var again = project.Build().Stages.ShouldHaveSingleItem();
        (again.Scored, again.Cached).ShouldBe((0, 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    public void A_base_without_a_record_is_warned_of(string text)
    {
        var project = Project("ExactDedup", [], [Known]);
        project.Write("base/base.jsonl", text);

        var warning = project.Build().Diagnostics.ShouldHaveSingleItem();
        warning.Code.ShouldBe("DSB1057");
        warning.Message.ShouldContain("('base/base.jsonl')");
    }

    [Fact]
    public void A_blank_file_of_the_base_beside_a_good_one_is_warned_of()
    {
        var project = Project("ExactDedup", [Known], [Known]);
        project.Write("base/more.jsonl", "\n");
        project.Bases.Add(("base/more.jsonl", []));

        project.Build().Diagnostics.Select(said => (said.Code, Path.GetFileName(said.File))).ShouldBe([("DSB1032", "more.jsonl"), ("DSB1020", "pool.csproj")]);
    }

    [Fact]
    public void An_unreadable_record_of_the_base_is_an_error_or_takes_no_part()
    {
        var project = Project("ExactDedup", [Known, "{"], [Known, Other]);
        project.TryBuild().Error.ShouldNotBeNull().ShouldContain("base.jsonl(2,");

        project.Properties["DatasetOnInvalidRecord"] = "Quarantine";
        var build = project.Build();
        build.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("DSB1052");
        build.Result.Kept.ShouldBe(1);
    }

    private static void Age(TestProject project)
    {
        foreach (var path in Directory.GetFiles(project.Root, "*.jsonl", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-5));
        }

        Thread.Sleep(50); // past the clock's tick that the change of the stamp itself fell into
    }

    private TestProject Project(string kind, string[] known, string[] records)
    {
        var project = new TestProject(folder.At($"{projects++}"));
        project.Shard("data/new.jsonl", records);
        project.Write("base/base.jsonl", string.Concat(known.Select(line => line + "\n")));
        project.Bases.Add(("base/base.jsonl", []));
        return project.Stage("Dedup", ("Kind", kind));
    }
}
