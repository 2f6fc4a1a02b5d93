using System.Text;
using DatasetBuild.Pipeline;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>What a build with NearDedup knows from the last one, and that it never shows in the subset.</summary>
public sealed class NearWarmTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public static TheoryData<int, string> Seeds
    {
        get
        {
            var data = new TheoryData<int, string>();
            for (var seed = 0; seed < 8; seed++)
            {
                data.Add(seed, seed % 2 == 0 ? "Star" : "Connected");
            }

            return data;
        }
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_comes_and_goes_a_warm_build_equals_a_clean_one(int seed, string linkage)
    {
        const int Steps = 10;
        var random = new Random(seed);
        var pool = new ChangingPool(random);
        var warm = Project("warm", linkage);
        for (var step = 0; step <= Steps; step++)
        {
            pool.Lay(warm);
            if (random.Next(4) == 0)
            {
                var before = State(warm);
                Forecast.Of(Plan.Load(WritePlan(warm)), [], new Build(null), CancellationToken.None);
                State(warm).ShouldBe(before); // to ask changes nothing
            }

            if (random.Next(4) == 0)
            {
                Stopped(warm);
            }

            warm.Build();

            var clean = Project($"clean{step}", linkage);
            pool.Lay(clean);
            clean.Stages.Clear();
            clean.Stages.AddRange(warm.Stages);
            clean.Properties.Remove("DatasetMemoryLimit");
            clean.Build();
            WarmEqualsCleanTests.Differences(warm.Snapshot(), clean.Snapshot()).ShouldBeEmpty($"seed {seed}: {string.Join("; ", pool.History)}");

            pool.Change(warm);
        }
    }

    [Fact]
    public void Who_met_nobody_is_known_as_long_as_nobody_comes()
    {
        List<string> texts = [.. Enumerable.Range(0, 20).Select(i => ChangingPool.Fresh(new Random(i)))];
        var project = Project("known", "Star");
        project.Shard("a.jsonl", [.. texts[..10].Select(NearPool.Record)]);
        project.Shard("b.jsonl", [.. texts[10..].Select(NearPool.Record), NearPool.Record(texts[3] + "!")]);
        project.Build();
        Met(project).ShouldBe([.. Enumerable.Range(0, 21).Select(i => i is 3 or 20 ? Meeting.Somebody : Meeting.Nobody)]);

        // Of a shard that changed the other records are known; the copy of one goes by what that met.
        project.Shard("a.jsonl", [.. texts[..10].Select(NearPool.Record), NearPool.Record(texts[12] + "?"), NearPool.Record(texts[3])]);
        Met(project, analyze: false).ShouldBe([.. Enumerable.Range(0, 23).Select(i => i is 10 or 11 ? Meeting.Unknown : i is 3 or 22 ? Meeting.Somebody : Meeting.Nobody)]);
        project.Build();
        Met(project).ShouldBe([.. Enumerable.Range(0, 23).Select(i => i is 3 or 22 or 11 or 10 or 14 ? Meeting.Somebody : Meeting.Nobody)]);
    }

    [Fact]
    public void Another_rule_knows_nothing_of_who_met_whom()
    {
        var project = Project("rule", "Star");
        project.Shard("a.jsonl", [.. Enumerable.Range(0, 20).Select(i => NearPool.Record(ChangingPool.Fresh(new Random(i))))]);
        project.Build();

        project.Stages[^1].Metadata["Seed"] = "5";

        Met(project, analyze: false).ShouldAllBe(met => met == Meeting.Unknown);
        project.Build();
        Met(project).ShouldAllBe(met => met == Meeting.Nobody);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_note_of_meetings_that_is_damaged_is_none(int cut)
    {
        var project = Project("damaged", "Star");
        project.Shard("a.jsonl", [.. Enumerable.Range(0, 20).Select(i => NearPool.Record(ChangingPool.Fresh(new Random(i))))]);
        project.Build();
        var path = Path.Combine(project.StatePath, "near-1.blk");
        var bytes = File.ReadAllBytes(path);
        bytes[^40] ^= 1;
        File.WriteAllBytes(path, bytes[..^cut]);
        project.Shard("b.jsonl", [.. Enumerable.Range(0, 5).Select(i => NearPool.Record(ChangingPool.Fresh(new Random(i)) + "!"))]);

        var build = project.Build();

        build.Result.Kept.ShouldBe(20);
        build.Diagnostics.Select(diagnostic => diagnostic.Code).ShouldBe(["DSB4001"]);
        project.Build().Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void The_pairs_of_a_shard_that_changes_are_known_for_its_other_records()
    {
        var random = new Random(1);
        List<string> texts = [.. Enumerable.Range(0, 40).Select(_ => ChangingPool.Fresh(random))];
        texts.AddRange(texts.ConvertAll(text => text + " and"));
        var project = Project("pairs", "Star");
        project.Shard("a.jsonl", [.. texts.Select(NearPool.Record)]);
        project.Build();

        texts.Add(ChangingPool.Fresh(random));
        project.Shard("a.jsonl", [.. texts.Select(NearPool.Record)]);
        var steps = new List<string>();
        project.Build(steps.Add);

        steps.ShouldNotContain("Near (compare)");
    }

    /// <summary>A newcomer takes the place of a survivor, whose like then stay and drop others: none of these pairs was compared before, nor can be guessed to be.</summary>
    [Theory]
    [InlineData("Star", 7)]
    [InlineData("Connected", 2)]
    public void One_newcomer_may_change_the_fate_of_a_whole_chain(string linkage, int kept)
    {
        string Window(int start) => string.Join(' ', Enumerable.Range(start, 30).Select(i => $"w{i}"));
        List<string> chain = [.. Enumerable.Range(1, 12).Select(i => Window(3 * i))];
        var warm = Project("warm", linkage);
        warm.Shard("a.jsonl", [NearPool.Record("something else")]);
        warm.Shard("b.jsonl", [.. chain.Select(NearPool.Record)]);
        warm.Build().Result.Kept.ShouldBe(kept);

        warm.Shard("a.jsonl", [NearPool.Record(Window(0))]);
        warm.Build().Result.Kept.ShouldBe(NearPool.Survivors([Window(0), .. chain], 0.7, linkage == "Connected").Distinct().Count());

        var clean = Project("clean", linkage);
        clean.Shard("a.jsonl", [NearPool.Record(Window(0))]);
        clean.Shard("b.jsonl", [.. chain.Select(NearPool.Record)]);
        clean.Build();
        WarmEqualsCleanTests.Differences(warm.Snapshot(), clean.Snapshot()).ShouldBeEmpty();
    }

    /// <summary>A build that is stopped when it knows who met whom.</summary>
    private static void Stopped(TestProject project)
    {
        using var stop = new CancellationTokenSource();
        try
        {
            project.Build(step => (step == "Near" ? stop : null)?.Cancel(), stop.Token);
        }
        catch (OperationCanceledException)
        {
            // As meant; where all is as it was it may come to an end first.
        }
    }

    private static string WritePlan(TestProject project)
    {
        Directory.CreateDirectory(project.StatePath);
        File.WriteAllText(project.PlanPath, project.PlanJson());
        return project.PlanPath;
    }

    private static string[] State(TestProject project) => Directory.Exists(project.StatePath)
        ? [.. Directory.GetFiles(project.StatePath, "near-*").Order(StringComparer.Ordinal).Select(path => $"{path} {File.GetLastWriteTimeUtc(path).Ticks}")]
        : [];

    private TestProject Project(string name, string linkage) => new TestProject(folder.At(name))
        .Stage("Length", ("Kind", "TokenLength"), ("Counter", "Words"), ("Min", "1"))
        .Stage("Near", ("Kind", "NearDedup"), ("Linkage", linkage), ("Threshold", "0.7"), ("ShingleSize", "2"), ("Bands", "6"), ("Rows", "2"));

    /// <summary>Whom each record met when the last stage ran last; without <paramref name="analyze"/> as a build would find it that runs now.</summary>
    private static Meeting[] Met(TestProject project, bool analyze = true)
    {
        File.WriteAllText(project.PlanPath, project.PlanJson());
        var session = new BuildSession(Plan.Load(project.PlanPath), new Build(null), CancellationToken.None);
        var analysis = analyze ? Analysis.Run(session.Plan, new Build(null), CancellationToken.None) : Analysis.Index(session);
        var context = new StageContext(analysis.Session, analysis.Pool, analysis.Fates, analysis.Stages.Count - 1, []);
        return EarlierMeetings.Of(context, analysis.Stages[^1].Scorers[0].Identity).Meetings;
    }

    /// <summary>Shards of texts, some of which resemble each other, and everything that may happen to them from one build to the next.</summary>
    private sealed class ChangingPool
    {
        private static readonly string[] Vocabulary = [.. Enumerable.Range(0, 3000).Select(i => $"w{i}")];

        private readonly Random random;
        private readonly SortedDictionary<string, List<string>> shards = new(StringComparer.Ordinal);
        private readonly List<List<string>> gone = [];
        private readonly Dictionary<string, string> priorities = [];
        private string leastWords = "1";
        private int next;

        public ChangingPool(Random random)
        {
            this.random = random;
            for (var shard = 0; shard < 5; shard++)
            {
                Put(Made(25));
            }
        }

        public List<string> History { get; } = [];

        public static string Fresh(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(1, 14)).Select(_ => Vocabulary[random.Next(Vocabulary.Length)]));

        public void Lay(TestProject project)
        {
            var data = Path.Combine(project.Root, "data");
            if (Directory.Exists(data))
            {
                Directory.Delete(data, recursive: true);
            }

            project.Shards.Clear();
            project.Bases.Clear();
            project.Stages[0].Metadata["Min"] = leastWords;
            foreach (var (name, texts) in shards)
            {
                var lines = Encoding.UTF8.GetBytes(string.Concat(texts.Select(text => NearPool.Record(text) + "\n")));
                if (name.StartsWith("base", StringComparison.Ordinal))
                {
                    project.Write($"data/{name}", lines);
                    project.Bases.Add(($"data/{name}", []));
                }
                else
                {
                    (string, string)[] metadata = priorities.TryGetValue(name, out var priority) ? [("Priority", priority)] : [];
                    project.Shard($"data/{name}", lines, metadata);
                }
            }
        }

        public void Change(TestProject warm)
        {
            var some = shards.ElementAt(random.Next(shards.Count));
            var what = random.Next(16);
            History.Add($"{what} {some.Key}");
            switch (what)
            {
                case 0:
                    some.Value[random.Next(some.Value.Count)] = Fresh(random);
                    break;
                case 1:
                    some.Value.Insert(random.Next(some.Value.Count), Like());
                    break;
                case 2 when some.Value.Count > 3:
                    some.Value.RemoveRange(random.Next(some.Value.Count - 2), 2);
                    break;
                case 3:
                    shards[some.Key] = Made(25);
                    break;
                case 4 when shards.Count > 2:
                    gone.Add(some.Value);
                    shards.Remove(some.Key);
                    break;
                case 5 when gone.Count > 0:
                    Put(gone[random.Next(gone.Count)]);
                    break;
                case 6:
                    Put([.. some.Value]); // every record is a copy
                    break;
                case 7:
                    var other = shards.ElementAt(random.Next(shards.Count)).Key;
                    (shards[some.Key], shards[other]) = (shards[other], shards[some.Key]);
                    break;
                case 8:
                    leastWords = random.Next(1, 8).ToString(System.Globalization.CultureInfo.InvariantCulture);
                    break;
                case 9:
                    warm.Properties["DatasetMemoryLimit"] = random.Next(2) == 0 ? "16MB" : "1GB";
                    break;
                case 10:
                    Directory.Delete(warm.CachePath, recursive: true);
                    break;
                case 11:
                    priorities[some.Key] = random.Next(-2, 3).ToString(System.Globalization.CultureInfo.InvariantCulture);
                    break;
                case 12: // another stage before it, and with that another number
                    if (!warm.Stages.Exists(stage => stage.Name == "Exact"))
                    {
                        warm.Stages.Insert(1, ("Exact", new() { ["Kind"] = "ExactDedup" }));
                    }
                    else
                    {
                        warm.Stages.RemoveAll(stage => stage.Name == "Exact");
                    }

                    break;
                case 13: // two of a kind, in either order
                    if (warm.Stages.Exists(stage => stage.Name == "Loose"))
                    {
                        warm.Stages.Reverse(warm.Stages.Count - 2, 2);
                    }
                    else
                    {
                        warm.Stages.Add(("Loose", new(warm.Stages[^1].Metadata) { ["Threshold"] = "0.5", ["Seed"] = "3" }));
                    }

                    break;
                case 14: // nearly all are new
                    foreach (var name in shards.Keys.ToList())
                    {
                        shards[name] = Made(25);
                    }

                    break;
                default:
                    shards["base.jsonl"] = [.. Made(10), .. some.Value.Take(5)];
                    break;
            }
        }

        private void Put(List<string> texts) => shards[$"{next++:00}.jsonl"] = texts;

        private List<string> Made(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(3) == 0 ? Like() : Fresh(random))];

        /// <summary>A text that resembles another one, or equals it.</summary>
        private string Like()
        {
            var others = shards.Values.Concat(gone).SelectMany(texts => texts).ToList();
            var text = others.Count == 0 ? Fresh(random) : others[random.Next(others.Count)];
            return random.Next(4) switch
            {
                0 => text,
                1 => text + "!",
                2 => text + " " + Vocabulary[random.Next(Vocabulary.Length)],
                _ => text.Length > 0 ? text[(text.IndexOf(' ') + 1)..] : text,
            };
        }
    }
}
