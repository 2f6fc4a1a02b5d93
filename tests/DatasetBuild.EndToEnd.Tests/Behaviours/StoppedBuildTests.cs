using System.Diagnostics;
using DatasetBuild.EndToEnd.Tests.Engine;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Behaviours;

/// <summary>
/// However `dotnet build` ends before its time, its engine ends too, the subset is the one that was there before, and the next build goes on where
/// this one was stopped.
/// </summary>
public sealed class StoppedBuildTests(PackedFeed feed)
{
    private const string Slow = """<SelectorStage Include="Long" Kind="TokenLength" Counter="Treebank" Part="Response" Min="4" />""";

    [Theory]
    [InlineData("INT", "group", false)] // Ctrl-C in a terminal
    [InlineData("INT", "group", true)]
    [InlineData("TERM", "build", false)] // a scheduler's time limit
    [InlineData("HUP", "build", false)] // a terminal that was closed
    [InlineData("KILL", "build", false)]
    public async Task The_next_build_goes_on(string signal, string receiver, bool nodeReuse)
    {
        FaultLibrary.Need();
        using var project = new SampleProject(Samples.Shards + Samples.Dedup + Slow, "<DatasetOnly>true</DatasetOnly><DatasetThreads>1</DatasetThreads>", packages: feed);
        project.WriteLines("data/a.jsonl", Prose.Shard(new Random(1), 200, 150));
        project.Build().ShouldSucceed();
        var subset = FileStamp.Under(project.OutputPath);
        var before = StoredScores.In(project.CachePath);
        project.WriteLines("data/b.jsonl", Enumerable.Range(1000, 4000).Select(number => Prose.Conversation(number, maxWords: 300)));

        using var build = DotNet.Start(project.Folder, project.Arguments("build", []), nodeReuse, ownProcessGroup: true, PausingAfterABatch(project));
        var output = Task.Run(() => DotNet.Finish(build));
        var engine = await PausedEngineOf(project);
        Signals.Send(signal, receiver == "group" ? -build.Id : build.Id);
        await Task.Delay(2000); // for the signal to go its way through MSBuild, or the engine might be done before it comes
        Signals.Send("CONT", engine);
        var text = (await output).Text;
        await Signals.Gone(engine);

        text.ShouldNotContain("DSB9001");
        text.ShouldNotContain("MSB4181");
        text.ShouldNotContain(" -> ");
        FileStamp.Under(project.OutputPath).ShouldBe(subset, ignoreOrder: true);
        var committed = StoredScores.In(project.CachePath);
        committed.Count.ShouldBeGreaterThan(before.Count, text);

        var finished = project.Build().ShouldSucceed();
        var scored = finished.Of("Duplicates", "scored") + finished.Of("Long", "scored");
        scored.ShouldBeGreaterThan(0, finished.Text);
        (committed.Count + scored).ShouldBe(StoredScores.In(project.CachePath).Count, finished.Text);
        finished.Of("Duplicates", "entered").ShouldBe(4200);
    }

    /// <summary>The environment in which the engine stands still when it has committed one batch of the slow stage's scores and is about to write the next.</summary>
    private static Dictionary<string, string> PausingAfterABatch(SampleProject project) =>
        new(project.Variables.Concat(StoredScores.PausingAfterABatch(project.CachePath, "Treebank")));

    /// <summary>The one process whose command line names this project's plan, once it stands still.</summary>
    private static async Task<int> PausedEngineOf(SampleProject project)
    {
        var plan = Path.Combine(project.StatePath, "plan.json");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            foreach (var id in Process.GetProcesses().Select(process => process.Id).Where(id => Signals.IsPaused(id) && Signals.CommandLineOf(id).Contains(plan, StringComparison.Ordinal)))
            {
                return id;
            }

            await Task.Delay(20, limit.Token);
        }
    }
}
