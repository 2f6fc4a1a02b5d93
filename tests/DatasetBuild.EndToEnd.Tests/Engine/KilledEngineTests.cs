using System.Diagnostics;
using DatasetBuild.EndToEnd.Tests.Faults;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>
/// kill -9 at any moment, then build again: the same bytes as a clean build, and no score twice. DATASET_TEST_SEED repeats the choices of a run
/// that failed; the moments at which the kills land remain the machine's.
/// </summary>
public sealed class KilledEngineTests(ITestOutputHelper output)
{
    private const int Kills = 50;
    private const int Shards = 12;
    private const int RecordsPerShard = 300;
    private const int Numbers = 3000;

    [Fact]
    public void Fifty_kills_change_no_byte_and_cost_no_score_that_was_committed()
    {
        var seed = Seeds.Of(output);
        var random = new Random(seed);
        var landed = new SortedDictionary<string, int>();
        using var project = Pool(random);
        var clean = project.CleanBytes();
        var clock = Stopwatch.StartNew();
        project.Run().ShouldSucceed();
        var whole = clock.Elapsed;
        for (var kill = 1; kill <= Kills; kill++)
        {
            var about = $"kill {kill} of the run with DATASET_TEST_SEED={seed}";

            // Without an edit or an empty cache there would be nothing to interrupt.
            var edited = random.Next(4) == 0;
            if (edited)
            {
                Edit(project, random);
            }
            else
            {
                project.Forget();
            }

            var where = Kill(project, random, whole);
            landed[where] = landed.GetValueOrDefault(where) + 1;
            var committed = StoredScores.In(project.CachePath);
            if (random.Next(8) == 0)
            {
                Edit(project, random);
                edited = true;
            }

            var run = project.Run().ShouldSucceed(about);
            clean = edited ? project.CleanBytes() : clean;
            project.OutputBytes().ShouldBe(clean, ignoreOrder: true, about);
            project.Leftovers().ShouldBeEmpty(about);
            var stored = StoredScores.In(project.CachePath);
            stored.IsSupersetOf(committed).ShouldBeTrue(about);
            (stored.Count - committed.Count).ShouldBe(run.Scored, $"{about}, {where}: a committed score was computed again, or one was not committed\n{run.Text}");
        }

        output.WriteLine(string.Join(", ", landed.Select(pair => $"{pair.Key}: {pair.Value}")));
    }

    [Fact]
    public void Temporaries_of_dead_builds_go_with_the_next_build()
    {
        using var project = Pool(new Random(1));
        project.Run().ShouldSucceed();
        string[] dead =
        [
            Path.Combine(project.StatePath, "run.json.2147483646-0123456789ab.tmp"),
            Path.Combine(project.StatePath, "plan.json.2147483646-0123456789ab.tmp"), // of a build whose MSBuild was killed
            Path.Combine(project.ReportPath, "part-00.jsonl.csv.2147483646-0123456789ab.tmp"),
            Path.Combine(project.CachePath, "tmp", "old.blk.2147483646-0123456789ab.tmp"),
        ];
        string[] alive =
        [
            Path.Combine(project.StatePath, $"run.json.{Environment.ProcessId}-0123456789ab.tmp"),
            Path.Combine(project.StatePath, "a-users-own.tmp"),
            Path.Combine(project.CachePath, "tmp", $"new.blk.{Environment.ProcessId}-0123456789ab.tmp"),
        ];
        foreach (var file in dead.Concat(alive))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "half");
        }

        Edit(project, new Random(2));
        project.Run().ShouldSucceed();
        dead.Where(File.Exists).ShouldBeEmpty();
        alive.Where(File.Exists).ShouldBe(alive);
    }

    private static EngineProject Pool(Random random)
    {
        var project = new EngineProject
        {
            Properties = new() { ["DatasetOutputShards"] = "4", ["DatasetThreads"] = "2" },
            Stages =
            [
                ("Duplicates", [("Kind", "ExactDedup"), ("Normalize", "Trim;Lower")]),
                ("Long", [("Kind", "TokenLength"), ("Counter", "Treebank"), ("Part", "Response"), ("Min", "4")]),
                ("Some", [("Kind", "Random"), ("Keep", "80%")]),
            ],
        };
        for (var shard = 0; shard < Shards; shard++)
        {
            project.WriteShard($"part-{shard:00}.jsonl", Prose.Shard(random, RecordsPerShard, Numbers));
        }

        return project;
    }

    private static void Edit(EngineProject project, Random random) => ShardEdits.Apply(project.DataPath, random, RecordsPerShard, Numbers);

    /// <summary>Kills an engine somewhere between its first and its last breath, and tells where.</summary>
    private static string Kill(EngineProject project, Random random, TimeSpan whole)
    {
        using var engine = project.Start();
        engine.OutputDataReceived += (_, _) => { };
        engine.ErrorDataReceived += (_, _) => { };
        engine.BeginOutputReadLine();
        engine.BeginErrorReadLine();
        var state = Path.Combine(project.OutputPath, ".datasetbuild");
        Func<bool>? moment = random.Next(8) switch
        {
            0 => () => File.Exists(Path.Combine(project.StatePath, "stat.blk")),
            1 => () => Logs(project).Any(),
            2 => () => Directory.Exists(state) && Directory.EnumerateFiles(state, "*.tmp").Any(),
            3 => () => File.Exists(Path.Combine(state, "commit.journal")),
            _ => null, // the rest by the clock
        };
        if (moment is null)
        {
            Thread.Sleep(whole * random.NextDouble());
        }
        else
        {
            while (!engine.HasExited && !moment())
            {
                Thread.Sleep(1);
            }
        }

        var wasDone = engine.HasExited;
        engine.Kill();
        engine.WaitForExit();
        return wasDone ? "after its end"
            : File.Exists(Path.Combine(state, "commit.journal")) ? "in the commit"
            : project.Leftovers().Length > 0 ? "while writing"
            : Logs(project).Any() ? "while scoring"
            : Directory.Exists(Path.Combine(project.CachePath, "derived")) ? "between two steps"
            : "before the index";
    }

    private static IEnumerable<FileInfo> Logs(EngineProject project)
    {
        var scores = new DirectoryInfo(Path.Combine(project.CachePath, "scores"));
        return scores.Exists ? scores.EnumerateFiles("log-*.log", SearchOption.AllDirectories) : [];
    }
}
