using System.Diagnostics;
using System.Globalization;
using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Faults;

/// <summary>`dotnet build`, a task host, the engine below them, or all of them die by SIGKILL at any moment.</summary>
/// <param name="resident">An engine for the builds from nothing.</param>
internal sealed class KilledBuild(ResidentEngine resident) : Fault, IDisposable
{
    private const int Records = 60;
    private const int Numbers = 400;
    private const int Shards = 4;
    private const string Stages = """<SelectorStage Include="Duplicates" Kind="ExactDedup" /><SelectorStage Include="Long" Kind="TokenLength" Counter="Treebank" Part="Response" Min="4" />""";
    private readonly SampleProject project = new(Samples.Shards + Stages);
    private TimeSpan whole;

    public override string Name => "dotnet build, task host or engine killed";

    public override int Weight => 1;

    public override string Strike(FaultWorld world, Random random, string about)
    {
        if (whole == default)
        {
            Prepare(random);
        }

        ShardEdits.Apply(project.PathOf("data"), random, Records, Numbers);
        var before = Subset(project.OutputBytes());
        var victim = (Victim)random.Next(4);
        var arguments = project.Arguments("build", victim == Victim.TaskHost ? ["-p:_DatasetTaskHost=true"] : []);
        using var build = DotNet.Start(project.Folder, arguments, ownProcessGroup: true, variables: project.Variables);
        var output = Task.Run(() => DotNet.Finish(build));
        var struck = Kill(build, victim, whole * random.NextDouble(), output);
        var text = output.GetAwaiter().GetResult();
        AwaitEnd(build.Id);
        about = $"{about}, {victim} killed{(struck ? "" : " too late")}";
        if (struck && victim == Victim.Engine)
        {
            text.ExitCode.ShouldBe(1, $"{about}\n{text.Text}");
            text.Text.ShouldContain("error DSB9001", Case.Sensitive, about);
        }

        var isCommitting = File.Exists(Path.Combine(project.OutputPath, ".datasetbuild", "commit.journal"));
        var now = Subset(project.OutputBytes());
        project.Build().ShouldSucceed();
        var clean = Clean();
        (isCommitting || FaultWorld.Same(now, before) || FaultWorld.Same(now, clean)).ShouldBeTrue($"{about}: the subset is neither the old one nor the new one\n{text.Text}");
        Subset(project.OutputBytes()).ShouldBe(clean, ignoreOrder: true, about);
        Leftovers().ShouldBeEmpty(about);
        return struck ? victim.ToString() : KilledEngine.AfterItsEnd;
    }

    public void Dispose() => project.Dispose();

    private void Prepare(Random random)
    {
        for (var shard = 0; shard < Shards; shard++)
        {
            project.WriteLines($"data/part-{shard}.jsonl", Prose.Shard(random, Records, Numbers));
        }

        project.Build().ShouldSucceed();
        var clock = Stopwatch.StartNew();
        project.Build().ShouldSucceed();
        whole = clock.Elapsed;
    }

    /// <summary>What the plan of the last build comes to in another place, where nothing was built before.</summary>
    private Dictionary<string, string> Clean()
    {
        var here = Path.GetDirectoryName(project.Folder)!;
        var there = Directory.CreateTempSubdirectory("dataset-clean-").FullName;
        try
        {
            string Moved(string path) => path.Replace(here, there, StringComparison.Ordinal);
            foreach (var file in SampleProject.FilesUnder(project.PathOf("data")))
            {
                Directory.CreateDirectory(Moved(Path.GetDirectoryName(file)!));
                File.Copy(file, Moved(file));
            }

            var plan = Path.Combine(project.StatePath, "plan.json");
            Directory.CreateDirectory(Moved(project.StatePath));
            File.WriteAllText(Moved(plan), Moved(File.ReadAllText(plan)));
            resident.Build(Moved(plan)).ShouldSucceed();
            return Subset(SampleProject.BytesUnder(Moved(project.OutputPath)));
        }
        finally
        {
            Directory.Delete(there, recursive: true);
        }
    }

    private static Dictionary<string, string> Subset(Dictionary<string, string> files) => files
        .Where(file => !file.Key.StartsWith(".datasetbuild", StringComparison.Ordinal) || file.Key.EndsWith("manifest.json", StringComparison.Ordinal)).ToDictionary();

    private string[] Leftovers() =>
    [
        .. new[] { project.OutputPath, project.StatePath, project.PathOf("bin"), project.CachePath }.SelectMany(SampleProject.FilesUnder).Distinct()
            .Where(file => Path.GetExtension(file) is ".tmp" or ".new" or ".journal" or ".lock" or ".log"),
    ];

    /// <summary>Waits for the moment, and for the victim to be there; false when the build was done before.</summary>
    private static bool Kill(Process build, Victim victim, TimeSpan moment, Task output)
    {
        Thread.Sleep(moment);
        while (!output.IsCompleted)
        {
            var found = victim switch
            {
                Victim.Build => build.Id,
                Victim.All => -build.Id,
                Victim.Engine => Member(build.Id, "/dataset-engine\0engine", "dotnet-dataset.dll\0engine"),
                _ => Member(build.Id, "/nodemode:2"),
            };
            if (found != 0)
            {
                Signals.Send("KILL", found);
                return true;
            }

            Thread.Sleep(2);
        }

        return false;
    }

    private static int Member(int group, params string[] commands) =>
        Members(group).FirstOrDefault(id => Signals.CommandLineOf(id) is var line && commands.Any(command => line.Contains(command, StringComparison.Ordinal)));

    private static IEnumerable<int> Members(int group) => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id != 0 && Signals.GroupOf(id) == group);

    private static void AwaitEnd(int group)
    {
        var limit = Stopwatch.StartNew();
        while (Members(group).Any())
        {
            limit.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), "an engine outlives its build");
            Thread.Sleep(20);
        }
    }

    private enum Victim
    {
        Build,
        Engine,
        TaskHost,
        All,
    }
}
