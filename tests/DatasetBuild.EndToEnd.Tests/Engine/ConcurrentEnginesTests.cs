using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

/// <summary>An editor, a terminal and a watcher may well build the same project at the same moment, and projects share one cache.</summary>
public sealed class ConcurrentEnginesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    public async Task Engines_that_build_one_project_at_the_same_time_all_succeed_with_the_bytes_of_one(int millisecondsApart)
    {
        using var project = new EngineProject
        {
            Properties = new() { ["DatasetOutputShards"] = "4" },
            Stages =
            [
                ("Duplicates", [("Kind", "ExactDedup"), ("Normalize", "Trim")]),
                ("Long", [("Kind", "TokenLength"), ("Counter", "Treebank"), ("Min", "4")]),
            ],
        };
        for (var shard = 0; shard < 4; shard++)
        {
            project.WriteShard($"{shard}.jsonl", Prose.Shard(new Random(shard), 300, 900));
        }

        project.WritePlan();
        var engines = new List<Task<BuildOutput>>();
        for (var engine = 0; engine < 3; engine++)
        {
            engines.Add(Task.Run(() =>
            {
                using var process = project.StartOnPlan();
                return DotNet.Finish(process);
            }));
            await Task.Delay(millisecondsApart);
        }

        foreach (var output in await Task.WhenAll(engines))
        {
            EngineOutput.Of(output).ShouldSucceed().Text.ShouldNotContain("\"diagnostic\"");
        }

        project.Leftovers().ShouldBeEmpty();
        project.OutputBytes().ShouldBe(project.CleanBytes(), ignoreOrder: true);
    }
}
