using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>A small project that faults come over, one after the other, and what a build of its data must come to.</summary>
internal sealed class FaultWorld : IDisposable
{
    private const int Shards = 4;
    private const int RecordsPerShard = 60;
    private const int Numbers = 400;
    private const int AloneOneIn = 8; // builds that come after a fault in a new process, as all of a user's do
    private static readonly Dictionary<string, string> NoFault = [];
    private readonly Random random;
    private Dictionary<string, string>? clean;

    /// <param name="engine">The engine's assembly.</param>
    /// <param name="random">Chooses data and edits.</param>
    /// <param name="cache">The cache; null: one of its own.</param>
    /// <param name="resident">An engine for what happens without faults.</param>
    public FaultWorld(string engine, Random random, string? cache = null, ResidentEngine? resident = null)
    {
        this.random = random;
        Project = new EngineProject
        {
            Engine = engine,
            SharedCache = cache,
            Resident = resident,
            Properties = new() { ["DatasetOutputShards"] = "3", ["DatasetThreads"] = "2" },
            Stages =
            [
                ("Duplicates", [("Kind", "ExactDedup")]),
                ("Long", [("Kind", "TokenLength"), ("Counter", "Treebank"), ("Part", "Response"), ("Min", "4")]),
                ("Best", [("Kind", "Column"), ("Field", "quality"), ("Keep", "80%")]),
                ("Some", [("Kind", "Random"), ("Keep", "90%")]),
            ],
        };
        for (var shard = 0; shard < Shards; shard++)
        {
            Project.WriteShard($"part-{shard:00}.jsonl", Prose.Shard(random, RecordsPerShard, Numbers));
        }
    }

    public EngineProject Project { get; }

    /// <summary>The bytes that a build of the present data from nothing gives.</summary>
    public Dictionary<string, string> Clean
    {
        get
        {
            if (clean is null)
            {
                using var other = Project.BuiltFromNothing();
                clean = Results(other);
            }

            return clean;
        }
    }

    /// <summary>Gives the next build something to do: edits, or an empty cache.</summary>
    public void Stir()
    {
        if (random.Next(3) == 0)
        {
            Project.Forget();
            return;
        }

        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            Edit();
        }
    }

    public void Edit()
    {
        ShardEdits.Apply(Project.DataPath, random, RecordsPerShard, Numbers);
        clean = null;
    }

    /// <summary>Adds records that no build has seen.</summary>
    public void AddRecords()
    {
        File.AppendAllLines(Project.Shards()[^1], Enumerable.Range(0, 5).Select(_ => Prose.Conversation(random.Next(Numbers * 2, int.MaxValue))));
        clean = null;
    }

    /// <summary>Whether the subset that stands there is one that a build finished, or one whose commit the next build finishes.</summary>
    /// <param name="before">The subset as it was.</param>
    /// <param name="about">Names the trial in failures.</param>
    public void ShouldStandWhole(Dictionary<string, string> before, string about)
    {
        if (!File.Exists(Path.Combine(Project.OutputPath, ".datasetbuild", "commit.journal")))
        {
            var now = Subset(Project);
            (Same(now, before) || Same(now, Subset(Clean))).ShouldBeTrue($"{about}: the subset is neither the old one nor the new one");
        }
    }

    /// <summary>Builds without a fault: it succeeds, the results are those of a build from nothing, and nothing is left behind.</summary>
    /// <param name="about">Names the trial in failures.</param>
    /// <param name="keepsScores">Whether all scores that are stored now must serve, and each other one must be computed once.</param>
    public EngineOutput Heal(string about, bool keepsScores)
    {
        var stored = keepsScores ? StoredScores.In(Project.CachePath) : [];
        var isAlone = random.Next(AloneOneIn) == 0;
        var build = (isAlone ? Project.Run(NoFault) : Project.Run()).ShouldSucceed(about);
        ShouldBeClean(about, build.Text);
        if (build.HadWork)
        {
            // A log of a dead process is no litter but scores: whoever needs them takes them over.
            SampleProject.FilesUnder(Project.CachePath).Where(file => file.EndsWith(".log", StringComparison.Ordinal)).ShouldBeEmpty($"{about}\n{build.Text}");
        }

        if (keepsScores)
        {
            var now = StoredScores.In(Project.CachePath);
            now.IsSupersetOf(stored).ShouldBeTrue($"{about}: scores went from the store\n{build.Text}");
            (now.Count - stored.Count).ShouldBe(build.Scored, $"{about}: a stored score was computed again, or one was not stored\n{build.Text}");
        }

        return build;
    }

    public void ShouldBeClean(string about, string text)
    {
        var results = Results(Project);
        Clean.Keys.Union(results.Keys).Where(file => results.GetValueOrDefault(file) != Clean.GetValueOrDefault(file))
            .ShouldBeEmpty($"{about}: these differ from a build from nothing\n{text}");
        Leftovers().ShouldBeEmpty($"{about}\n{text}");
    }

    /// <summary>All that a build promises to be the same: the subset, and what is said of each record.</summary>
    private static Dictionary<string, string> Results(EngineProject project) => new(
        Subset(project).Concat(SampleProject.BytesUnder(Path.Combine(project.ReportPath, "verdicts")).Select(file => KeyValuePair.Create("verdicts/" + file.Key, file.Value))));

    public static Dictionary<string, string> Subset(EngineProject project) => Subset(project.OutputBytes());

    /// <summary>Without what a build that runs, or was killed, keeps beside the manifest.</summary>
    private static Dictionary<string, string> Subset(Dictionary<string, string> files) => files
        .Where(file => !file.Key.StartsWith("verdicts/", StringComparison.Ordinal) && (!file.Key.StartsWith(".datasetbuild", StringComparison.Ordinal) || file.Key.EndsWith("manifest.json", StringComparison.Ordinal)))
        .ToDictionary();

    public static bool Same(Dictionary<string, string> left, Dictionary<string, string> right) =>
        left.Count == right.Count && left.All(file => right.TryGetValue(file.Key, out var bytes) && bytes == file.Value);

    private string[] Leftovers() =>
    [
        .. Project.Leftovers(),
        .. SampleProject.FilesUnder(Project.CachePath).Where(file => Path.GetExtension(file) is ".tmp"),
    ];

    public void Dispose() => Project.Dispose();
}
