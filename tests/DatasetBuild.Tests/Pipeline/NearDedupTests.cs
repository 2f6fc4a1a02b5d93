using System.Globalization;
using DatasetBuild.Pipeline;
using FsCheck;
using FsCheck.Fluent;

namespace DatasetBuild.Tests.Pipeline;

public sealed class NearDedupTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private int projects;

    public void Dispose() => folder.Dispose();

    // With 32 bands of one row a pair of similarity 0.5 is missed once in four billion times: what is left is exact.
    [Theory]
    [InlineData("Star", "0.5")]
    [InlineData("Star", "0.8")]
    [InlineData("Connected", "0.5")]
    [InlineData("Connected", "0.7")]
    public void The_clusters_are_those_of_comparing_every_pair(string linkage, string threshold) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(8),
        Prop.ForAll(Selection.Seeds.Any, seed =>
        {
            var texts = new NearPool(seed, 90).Texts;
            var expected = NearPool.Survivors(texts, double.Parse(threshold, CultureInfo.InvariantCulture), linkage == "Connected");

            Twins(Project(texts, linkage, threshold)).ShouldBe(expected);
        }));

    [Fact]
    public void A_higher_priority_survives() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(4),
        Prop.ForAll(Selection.Seeds.Any, seed =>
        {
            var texts = new NearPool(seed, 60).Texts;
            var project = Project(texts, "Star", "0.6", shards: 3);
            project.Shards[1].Metadata["Priority"] = "2";
            project.Shards[2].Metadata["Priority"] = "-1";

            Twins(project).ShouldBe(NearPool.Survivors(texts, 0.6, connected: false, [.. texts.Select((_, i) => (int[])[0, 2, -1]).Select((order, i) => order[i / 20])]));
        }));

    [Theory]
    [InlineData("Star")]
    [InlineData("Connected")]
    public void Threads_memory_and_how_the_pool_is_cut_change_nothing(string linkage)
    {
        var texts = new NearPool(7, 300).Texts;
        var expected = Twins(Project(texts, linkage, "0.7"));

        foreach (var (shards, threads, limit) in (IEnumerable<(int, string, string?)>)[(1, "1", null), (7, "2", "16MB"), (30, "5", "100MB")])
        {
            var project = Project(texts, linkage, "0.7", shards);
            project.Properties["DatasetThreads"] = threads;
            if (limit is not null)
            {
                project.Properties["DatasetMemoryLimit"] = limit;
            }

            Twins(project).ShouldBe(expected);
        }
    }

    [Fact]
    public void A_memory_limit_that_cannot_be_kept_is_told_with_one_that_can()
    {
        var project = Project(new NearPool(7, 30).Texts, "Star", "0.7");
        project.Properties["DatasetMemoryLimit"] = "16MB";

        var told = project.Build().Diagnostics.Single(diagnostic => diagnostic.Code == "DSB2022");
        told.Severity.ShouldBe(Severity.Warning);
        var enough = System.Text.RegularExpressions.Regex.Match(told.Message, "about ([0-9]+MB)").Groups[1].Value;

        var other = Project(new NearPool(7, 30).Texts, "Star", "0.7");
        other.Properties["DatasetMemoryLimit"] = enough;
        other.Build().Diagnostics.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Star")]
    [InlineData("Connected")]
    public void Edits_and_deletions_give_what_a_clean_build_gives(string linkage)
    {
        var pool = new NearPool(11, 120);
        var warm = Project(pool.Texts, linkage, "0.6", shards: 4);
        warm.Build();
        var random = new Random(3);
        for (var step = 0; step < 12; step++)
        {
            var at = random.Next(pool.Texts.Count);
            switch (random.Next(3))
            {
                case 0:
                    pool.Texts[at] = pool.Edited(pool.Texts[at]);
                    break;
                case 1:
                    pool.Texts.RemoveAt(at);
                    break;
                default:
                    pool.Texts.Insert(at, pool.Edited(pool.Texts[random.Next(pool.Texts.Count)]));
                    break;
            }

            Lay(warm, pool.Texts, 4);
            warm.Build();

            var clean = Project(pool.Texts, linkage, "0.6", shards: 4);
            clean.Build();
            WarmEqualsCleanTests.Differences(clean.Snapshot(), warm.Snapshot()).ShouldBeEmpty();
        }
    }

    [Fact]
    public void The_twin_of_a_deleted_survivor_returns()
    {
        List<string> texts = ["one two three four five six seven", "one two three four five six seven eight", "other"];
        var project = Project(texts, "Star", "0.8");
        project.Build().Result.Kept.ShouldBe(2);

        texts.RemoveAt(0);
        Lay(project, texts, 1);

        var build = project.Build();
        build.Result.Kept.ShouldBe(2);
        build.Scored.ShouldBe(0);
    }

    [Fact]
    public void A_bridge_that_goes_splits_its_cluster()
    {
        // Of six pairs of words the first two and the last two texts share five of seven; the outer ones share four of eight.
        List<string> texts = ["a b c d e f g", "x b c d e f g", "x b c d e f y"];
        var project = Project(texts, "Connected", "0.7");
        project.Build().Result.Kept.ShouldBe(1);

        texts.RemoveAt(1);
        Lay(project, texts, 1);

        project.Build().Result.Kept.ShouldBe(2);
    }

    [Fact]
    public void Of_a_chain_it_is_told_that_the_similarity_is_that_of_a_link()
    {
        List<string> texts = ["a b c d e f g", "x b c d e f g", "x b c d e f y"];
        var project = Project(texts, "Connected", "0.7");
        project.Build();
        var chained = Analysis.Run(Plan.Load(project.PlanPath), new Build(null), CancellationToken.None);
        project.Stages[0].Metadata["Linkage"] = "Star";
        project.Build();
        var star = Analysis.Run(Plan.Load(project.PlanPath), new Build(null), CancellationToken.None);

        Enumerable.Range(0, 3).Select(chained.IsChained).ShouldBe([false, true, true]);
        Enumerable.Range(0, 3).Select(star.IsChained).ShouldBe([false, false, false]);
    }

    [Fact]
    public void What_a_chain_loses_with_a_link_is_told_so()
    {
        List<string> texts = ["a b c d e f g", "x b c d e f g", "x b c d e f y"];
        var project = Project(texts, "connected", "0.7");
        project.Build();
        texts.RemoveAt(1);
        Lay(project, texts, 1);
        project.Build();

        var plan = Plan.Load(project.PlanPath);
        var rescued = ComparisonTests.Compare(BuiltDataset.BeforeLast(plan), BuiltDataset.OfProject(plan)).Single(change => change.Kind == DatasetBuild.Reporting.ChangeKind.Rescued);
        (rescued.Cause.Kind, rescued.Cause.Text).ShouldBe(("twin", "a record of the chain to its twin came, went or changed"));
    }

    [Theory]
    [InlineData("2", "50", true)]
    [InlineData("14", "8", false)]
    [InlineData("32", "1", false)]
    public void Bands_that_miss_most_pairs_at_the_threshold_are_warned_of(string bands, string rows, bool isTold)
    {
        var project = new TestProject(folder.At($"{projects++}"));
        project.Shard("a.jsonl", NearPool.Record("a"));
        project.Stage("Near", ("Kind", "NearDedup"), ("Bands", bands), ("Rows", rows));

        project.Build().Diagnostics.Select(diagnostic => diagnostic.Code).ShouldBe(isTold ? ["DSB1053"] : []);
    }

    [Fact]
    public void A_star_drops_nothing_that_does_not_resemble_its_survivor()
    {
        var project = Project(["a b c d e f g", "x b c d e f g", "x b c d e f y"], "Star", "0.7");

        Twins(project).ShouldBe([0, 0, 2]);
    }

    [Fact]
    public void Where_all_pairs_are_known_nothing_is_scored_or_read_again()
    {
        var texts = new NearPool(5, 100).Texts;
        var project = Project(texts, "Star", "0.6", shards: 3);
        project.Build();
        project.Stages[0].Metadata["Linkage"] = "Connected";
        project.Build();
        project.Stages[0].Metadata["Linkage"] = "Star";
        var steps = new List<string>();

        project.Build(steps.Add).Scored.ShouldBe(0);
        steps.Count(step => step.StartsWith("Near", StringComparison.Ordinal)).ShouldBe(1); // the stage's end, and no progress of reading
    }

    [Fact]
    public void Progress_goes_on_from_where_it_was_however_many_turns_the_band_keys_take()
    {
        const int Records = 80_000, Turn = 10_000; // of 256 bytes of keys each, of which 12 MB are held at once
        var project = Project([.. Enumerable.Range(0, Records).Select(number => $"{number} {number} {number}")], "Star", "0.6", shards: 8);

        ShouldAscend(project.Build(), ["Near"], reusing: 0);
        File.AppendAllText(Path.Combine(project.Root, "data", "007.jsonl"), NearPool.Record("1 1 1 1") + "\n");
        ShouldAscend(project.Build(), ["Near", "Near (compare)"], reusing: Records);

        static void ShouldAscend(Build build, string[] steps, int reusing)
        {
            var ticks = build.Ticks.Where(tick => tick.Step.StartsWith("Near", StringComparison.Ordinal)).ToList();
            ticks.Select(tick => tick.Step).Distinct().ShouldBe(steps);
            foreach (var step in ticks.GroupBy(tick => tick.Step))
            {
                var farthest = 0L;
                foreach (var tick in step)
                {
                    tick.Done.ShouldBeGreaterThan(farthest - Turn); // threads may pass each other by some batches
                    farthest = Math.Max(farthest, tick.Done);
                }

                step.ShouldAllBe(tick => tick.Done <= tick.Total && tick.Done - tick.Cached <= Records);
                step.Last().Done.ShouldBe(step.Last().Total);
            }

            ticks.Last(tick => tick.Step == "Near").Cached.ShouldBe(reusing);
        }
    }

    [Theory]
    [InlineData(new[] { "", "", "!", "?", "Yes.", "yes", "no" }, new[] { 0, 0, 2, 3, 4, 4, 6 })]
    [InlineData(new[] { "word", "Word!", "words" }, new[] { 0, 0, 2 })]
    public void What_is_too_short_for_a_shingle_compares_as_a_whole(string[] texts, int[] expected) => Twins(Project([.. texts], "Star", "0.5")).ShouldBe(expected);

    [Fact]
    public void Scripts_without_spaces_and_from_right_to_left_are_compared_by_their_own_words()
    {
        List<string> texts =
        [
            "机器学习是人工智能的一个分支", "机器学习是人工智能的一个分支。", "机器学习是人工智能的一个分枝", "今天天气很好我们去公园散步吧",
            "ذهب الولد إلى المدرسة في الصباح", "ذهب الولد إلى المدرسة في الصباح!", "الطقس جميل اليوم في المدينة",
        ];

        Twins(Project(texts, "Star", "0.7")).ShouldBe([0, 0, 0, 3, 4, 4, 6]);
    }

    [Theory]
    [InlineData("Star")]
    [InlineData("Connected")]
    public void Very_many_copies_and_a_boilerplate_that_all_share_are_linear(string linkage)
    {
        const int Count = 12_000;
        var boilerplate = string.Join(' ', Enumerable.Range(0, 60).Select(i => $"term{i}"));
        var texts = Enumerable.Range(0, Count).Select(i => (i % 3) switch
        {
            0 => $"The same text over and over, {new string('!', i / 3 % 50)} in spelling alone" + new string(' ', i % 7),
            1 => $"{boilerplate} {i} {i + 1} {i + 2} {i + 3} {i + 4} {i + 5} {i + 6} {i + 7} {i + 8} {i + 9} {i + 10} {i + 11} {i + 12} {i + 13} {i + 14} {i + 15} {i + 16} {i + 17}",
            _ => $"{boilerplate} {boilerplate.ToUpperInvariant()} {i}",
        }).ToList();
        var project = Project(texts, linkage, "0.9");
        foreach (var parameter in (string[])["Bands", "Rows"])
        {
            project.Stages[0].Metadata.Remove(parameter);
        }

        var build = project.Build();

        build.Result.Kept.ShouldBeInRange(2, (Count / 3) + 100);
    }

    [Fact]
    public void A_huge_record_is_compared_like_any_other()
    {
        var text = string.Join(' ', Enumerable.Range(0, 400_000).Select(i => (i * 7919L % 100_003).ToString(CultureInfo.InvariantCulture)));

        Twins(Project([text, "small", text + " and a little more"], "Star", "0.9")).ShouldBe([0, 1, 0]);
    }

    [Fact]
    public void A_record_without_the_part_has_no_value()
    {
        var project = new TestProject(folder.At("missing"));
        project.Shard("a.jsonl", """{"messages":[{"role":"user","content":"q"}]}""", """{"prompt":"q","completion":"r"}""");
        project.Stage("Near", ("Kind", "NearDedup"), ("Part", "Response"));

        var near = project.Build()["Near"];

        (near.Missing, near.Dropped).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData("Threshold", "1.5", "above 0")]
    [InlineData("Threshold", "0", "above 0")]
    [InlineData("Threshold", "0.01", "bands")]
    [InlineData("Normalize", "Lwoer", "Lower")]
    [InlineData("Normalize", "None;Lower", "None alone")]
    [InlineData("Linkage", "Chain", "Star")]
    [InlineData("Bands", "4", "both")]
    [InlineData("ShingleSize", "0", "whole number")]
    public void Mistakes_are_told_with_what_would_do(string parameter, string value, string hint)
    {
        var project = new TestProject(folder.At($"{projects++}"));
        project.Shard("a.jsonl", NearPool.Record("a"));
        project.Stage("Near", ("Kind", "NearDedup"), (parameter, value));

        project.Fails().Message.ShouldContain(hint);
    }

    [Fact]
    public void A_preset_goes_with_no_parameter_that_it_sets()
    {
        var project = new TestProject(folder.At("preset"));
        project.Shard("a.jsonl", NearPool.Record("a"));
        project.Stage("Near", ("Kind", "NearDedup"), ("Preset", "DataTrove"), ("Seed", "1"));

        project.Fails().Message.ShouldContain("Preset sets Seed too");
    }

    private TestProject Project(List<string> texts, string linkage, string threshold, int shards = 1)
    {
        var project = new TestProject(folder.At($"{projects++}"));
        Lay(project, texts, shards);
        return project.Stage("Near", ("Kind", "NearDedup"), ("Linkage", linkage), ("Threshold", threshold), ("ShingleSize", "2"), ("Bands", "32"), ("Rows", "1"));
    }

    private static void Lay(TestProject project, List<string> texts, int shards)
    {
        for (var shard = 0; shard < shards; shard++)
        {
            var (from, to) = (texts.Count * shard / shards, texts.Count * (shard + 1) / shards);
            project.Shard($"data/{shard:000}.jsonl", [.. texts[from..to].Select(NearPool.Record)]);
        }
    }

    /// <summary>For each record in canonical order the number of the one that survives in its place.</summary>
    private static int[] Twins(TestProject project)
    {
        project.Build();
        var analysis = Analysis.Run(Plan.Load(project.PlanPath), new Build(null), CancellationToken.None);
        return [.. Enumerable.Range(0, analysis.Pool.Count).Select(record => analysis.Fates.Twin(record) is >= 0 and var twin ? twin : record)];
    }
}
