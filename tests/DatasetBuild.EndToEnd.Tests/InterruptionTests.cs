using System.Globalization;
using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.EndToEnd.Tests;

/// <summary>However a build ends, its engine is told, saves what is done, and does not outlive it for long.</summary>
public sealed class InterruptionTests
{
    [Theory]
    [InlineData("INT", "group", "false")] // Ctrl-C in a terminal
    [InlineData("INT", "group", "true")]
    [InlineData("TERM", "build", "false")] // a scheduler's time limit
    [InlineData("KILL", "build", "false")]
    public async Task The_engine_sees_the_end_of_its_input(string signal, string receiver, string taskHost)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        using var project = new SampleProject(engine: Built.FakeEngine);
        project.Script("wait-for-end-of-input", "sleep 200", "exit 130");
        var arguments = project.Arguments("build", ["-p:_DatasetTaskHost=" + taskHost]);
        using var build = DotNet.Start(project.Folder, arguments, ownProcessGroup: true);
        var output = Task.Run(() => DotNet.Finish(build));

        var engine = await EngineOf(project, output);
        Signals.Send(signal, receiver == "group" ? -build.Id : build.Id);

        var text = (await output).Text;
        await Signals.Gone(engine);
        LogOf(project).ShouldContain("input ended", text);
        text.ShouldNotContain("DSB9001");
        text.ShouldNotContain("MSB4181");
    }

    [Fact]
    public async Task Engines_in_several_nodes_see_it_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        string[] script = ["wait-for-end-of-input", "sleep 200", "exit 130"];
        using var project = new SampleProject(engine: Built.FakeEngine);
        using var other = new SampleProject(engine: Built.FakeEngine, name: "other");
        project.Script(script).Write("both.slnx", $"""<Solution><Project Path="sample.csproj" /><Project Path="{other.PathOf("other.csproj")}" /></Solution>""");
        other.Script(script);
        using var build = DotNet.Start(project.Folder, project.Arguments("build", ["both.slnx", "-m:2"]), ownProcessGroup: true);
        var output = Task.Run(() => DotNet.Finish(build));

        int[] engines = [await EngineOf(project, output), await EngineOf(other, output)];
        Signals.Send("INT", -build.Id);

        var text = (await output).Text;
        await Task.WhenAll(engines.Select(Signals.Gone));
        LogOf(project).ShouldContain("input ended", text);
        LogOf(other).ShouldContain("input ended", text);
        text.ShouldNotContain("DSB9001");
    }

    private static string[] LogOf(SampleProject project) => File.ReadAllLines(Path.Combine(project.StatePath, "plan.json.log"));

    private static async Task<int> EngineOf(SampleProject project, Task<BuildOutput> build)
    {
        var log = Path.Combine(project.StatePath, "plan.json.log");
        while (!File.Exists(log) || !File.ReadAllText(log).Contains("ready"))
        {
            build.IsCompleted.ShouldBeFalse(build.IsCompleted ? (await build).Text : null);
            await Task.Delay(50);
        }

        return int.Parse(LogOf(project).Single(line => line.StartsWith("pid ", StringComparison.Ordinal))[4..], CultureInfo.InvariantCulture);
    }
}
