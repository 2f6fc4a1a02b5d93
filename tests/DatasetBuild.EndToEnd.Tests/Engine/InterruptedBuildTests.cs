using System.Diagnostics;
using System.Globalization;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests.Engine;

public sealed class InterruptedBuildTests
{
    /// <summary>Wherever the signal hits, before, during or after the work: the next build gives what a clean one gives.</summary>
    [Theory]
    [InlineData("INT")]
    [InlineData("KILL")]
    public async Task A_build_that_was_stopped_is_finished_by_the_next_one(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        using var project = new SampleProject(Samples.Shards + Samples.Dedup + Samples.Short);
        project.WriteLines("data/a.jsonl", Enumerable.Range(0, 200_000).Select(i => Messages.Chat($"Question {i}?", $"The answer to it is {i}.")));
        using var build = DotNet.Start(project.Folder, project.Arguments("build", []), ownProcessGroup: true);
        var output = Task.Run(() => DotNet.Finish(build));
        while (!File.Exists(Path.Combine(project.StatePath, "plan.json")) && !output.IsCompleted)
        {
            await Task.Delay(20);
        }

        await Task.Delay(300);
        using (var kill = Process.Start("kill", ["-" + signal, "--", (-build.Id).ToString(CultureInfo.InvariantCulture)])!)
        {
            await kill.WaitForExitAsync();
        }

        var text = (await output).Text;
        text.ShouldNotContain("DSB9001");
        project.Build().ShouldSucceed();
        project.ShouldEqualABuildFromNothing();
    }
}
