using System.Diagnostics;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>An engine that is asked to stop keeps the scores that are done, leaves the subset as it was, and says so by its exit code.</summary>
public sealed class StoppedEngineTests
{
    private const int Stopped = 130;

    [Theory]
    [InlineData("end of input")]
    [InlineData("TERM")]
    public async Task An_engine_that_is_stopped_while_it_scores_leaves_the_old_subset_and_its_scores(string request)
    {
        FaultLibrary.Need();
        using var project = Project().WriteShard("a.jsonl", Prose.Shard(new Random(1), 200, 150));
        project.Run().ShouldSucceed();
        var subset = project.OutputBytes();
        var stamps = Stamps(project);
        var before = StoredScores.In(project.CachePath);
        project.WriteShard("b.jsonl", Enumerable.Range(1000, 2500).Select(number => Prose.Conversation(number, maxWords: 300)));

        using var engine = project.Start(StoredScores.PausingAfterABatch(project.CachePath, "Treebank"));
        var end = Task.Run(() => DotNet.Finish(engine));
        await Signals.Paused(engine.Id);
        Stop(engine, request);
        Signals.Send("CONT", engine.Id);
        var stopped = EngineOutput.Of(await end);

        stopped.ExitCode.ShouldBe(Stopped, stopped.Text);
        stopped.Text.ShouldNotContain("\"error\"");
        project.OutputBytes().ShouldBe(subset, ignoreOrder: true);
        Stamps(project).ShouldBe(stamps, ignoreOrder: true);
        project.Leftovers().ShouldBeEmpty();
        var committed = StoredScores.In(project.CachePath);
        committed.Count.ShouldBeGreaterThan(before.Count);

        var finished = project.Run().ShouldSucceed();
        finished.Scored.ShouldBeGreaterThan(0, finished.Text);
        (committed.Count + finished.Scored).ShouldBe(StoredScores.In(project.CachePath).Count, finished.Text);
        project.OutputBytes().ShouldBe(project.CleanBytes(), ignoreOrder: true);
    }

    [Fact]
    public void An_engine_whose_input_has_ended_before_it_starts_writes_no_subset()
    {
        using var project = Project().WriteShard("a.jsonl", Enumerable.Range(1000, 2500).Select(number => Prose.Conversation(number, maxWords: 300)));
        using (var engine = project.Start())
        {
            engine.StandardInput.Close();
            var stopped = DotNet.Finish(engine);
            stopped.ExitCode.ShouldBe(Stopped, stopped.Text);
        }

        project.OutputBytes().ShouldBeEmpty();
        project.Run().ShouldSucceed();
        project.OutputBytes().ShouldBe(project.CleanBytes(), ignoreOrder: true);
    }

    private static EngineProject Project() => new()
    {
        Properties = new() { ["DatasetThreads"] = "1" },
        Stages =
        [
            ("Duplicates", [("Kind", "ExactDedup"), ("Normalize", "Trim")]),
            ("Long", [("Kind", "TokenLength"), ("Counter", "Treebank"), ("Part", "Response"), ("Min", "4")]),
        ],
    };

    private static void Stop(Process engine, string request)
    {
        if (request == "end of input")
        {
            engine.StandardInput.Close();
            return;
        }

        Signals.Send(request, engine.Id);
    }

    private static Dictionary<string, string> Stamps(EngineProject project) => FileStamp.Under(project.OutputPath);
}
