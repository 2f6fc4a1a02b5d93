using System.Diagnostics;
using System.Globalization;
using DatasetBuild.EndToEnd.Tests.Harness;
using DatasetBuild.Tool.Tests.Harness;

namespace DatasetBuild.Tool.Tests;

/// <summary>What `dotnet build` does for a project, seen through the tool.</summary>
public sealed class BuildTests
{
    private const string Shards = """<DatasetShard Include="data/*.jsonl" />""";
    private const string Result = """out {"event":"result","upToDate":false,"kept":2,"records":3,"outputs":[],"reports":[],"manifest":"/out/.datasetbuild/manifest.json"}""";
    private const char Escape = '\u001b';

    [Fact]
    public void The_data_sets_of_a_solution_are_built_and_told_apart()
    {
        using var project = new SampleProject(Shards + """<SelectorStage Include="ExactDedup" />""").WriteLines("data/a.jsonl", Messages.Counting("reed", 4));
        using var other = new SampleProject(Shards, name: "other").WriteLines("data/a.jsonl", Messages.Counting("rush", 3));
        project.Write("both.slnx", $"""<Solution><Project Path="sample.csproj" /><Project Path="{other.PathOf("other.csproj")}" /></Solution>""");

        var first = DatasetTool.Run("build", project.PathOf("both.slnx"), "--", "-m:2").ShouldExitWith(0);
        first.Output.ShouldMatch("(?m)^sample: kept 4 of 4 records in ");
        first.Output.ShouldMatch("(?m)^other: kept 3 of 3 records in ");

        other.WriteLines("data/a.jsonl", Messages.Counting("rush", 5));
        var results = DatasetTool.Run("build", project.PathOf("both.slnx"), "--json").ShouldExitWith(0).Json.EnumerateArray().ToList();
        results.Select(result => (Path.GetFileName(result.GetProperty("project").GetString()), result.GetProperty("upToDate").GetBoolean(), result.GetProperty("kept").GetInt32()))
            .ShouldBe([("sample.csproj", true, 4), ("other.csproj", false, 5)], ignoreOrder: true);
        results.SelectMany(result => result.GetProperty("stages").EnumerateArray()).Select(stage => stage.GetProperty("name").GetString()).ShouldBe(["ExactDedup"]);
    }

    /// <summary>On a busy machine the client of MSBuild's server loses how a build ended, and ends with 1 itself.</summary>
    [Fact]
    public void How_a_build_ended_is_known_where_the_client_of_a_server_loses_it()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("A script stands for `dotnet`.");
            return;
        }

        using var project = new SampleProject(Shards).WriteLines("data/a.jsonl", Messages.Counting("reed", 2));
        var forgetful = project.PathOf("forgetful");
        project.Write("forgetful", "#!/bin/sh\ndotnet \"$@\"\nexit 1\n");
        File.SetUnixFileMode(forgetful, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (string, string) host = ("DOTNET_HOST_PATH", forgetful);
        DatasetTool.RunIn(project.Folder, ["build"], host).ShouldExitWith(0).Output.ShouldContain("kept 2 of 2 records");
        DatasetTool.RunIn(project.Folder, ["status", "--check", "-p:Other=1"], host).ShouldExitWith(0).Output.ShouldContain("up to date");

        project.WriteLines("data/a.jsonl", ["{oops"]);
        DatasetTool.RunIn(project.Folder, ["build"], host).ShouldExitWith(1).Error.ShouldContain("DSB1001");
        project.Edit("sample.csproj", text => text.Replace("</Project>", "<Oops></Project>", StringComparison.Ordinal));
        DatasetTool.RunIn(project.Folder, ["build"], host).ShouldExitWith(2).Error.ShouldContain("MSB4025");
        DatasetTool.RunIn(project.Folder, ["status"], host).ShouldExitWith(2).Error.ShouldContain("MSB4025");
    }

    [Fact]
    public void What_stands_behind_two_hyphens_is_passed_on()
    {
        using var project = new SampleProject(Shards).WriteLines("data/a.jsonl", Messages.Counting("reed", 2));
        DatasetTool.Run("build", project.Folder, "--", "-bl:" + project.PathOf("log.binlog")).ShouldExitWith(0);
        File.Exists(project.PathOf("log.binlog")).ShouldBeTrue();

        // Without a server, whose client can lose what no logger hears (dotnet/msbuild#14172).
        DatasetTool.RunIn(project.Folder, ["build", "--", "-bogus"], ("DOTNET_CLI_USE_MSBUILD_SERVER", "0")).ShouldExitWith(2).Error.ShouldBe("MSBUILD : error MSB1001: Unknown switch.\n");
    }

    [Fact]
    public void A_mistake_in_data_and_one_in_the_project_are_told_at_their_place_and_exit_differently()
    {
        using var project = new SampleProject(Shards).WriteLines("data/a.jsonl", [.. Messages.Counting("reed", 2), "{oops"]);
        DatasetTool.RunIn(project.Folder, ["build"]).ShouldExitWith(1).Error.ShouldStartWith("data/a.jsonl(3,2): error DSB1001: ");
        DatasetTool.RunIn(project.Folder, ["build", "-p:DatasetOutputSchema=Mine"]).ShouldExitWith(2).Error.ShouldStartWith("sample.csproj: error DSB2005: ");
    }

    [Fact]
    public void A_failure_is_told_as_JSON_with_codes_and_places_where_JSON_is_asked_for()
    {
        using var project = new SampleProject(Shards).WriteLines("data/a.jsonl", [.. Messages.Counting("reed", 2), "{oops"]);
        var failed = DatasetTool.RunIn(project.Folder, ["build", "--json"]).ShouldExitWith(1).Json;
        failed.GetProperty("exitCode").GetInt32().ShouldBe(1);
        failed.GetProperty("results").GetArrayLength().ShouldBe(0);
        var error = failed.GetProperty("errors").EnumerateArray().ShouldHaveSingleItem();
        (error.GetProperty("code").GetString(), error.GetProperty("file").GetString(), error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32())
            .ShouldBe(("DSB1001", project.PathOf("data/a.jsonl"), 3, 2));

        File.WriteAllText(project.PathOf("sample.csproj"), "<Project>\n<oops");
        DatasetTool.RunIn(project.Folder, ["build", "--json"]).ShouldExitWith(2).Json.GetProperty("errors")[0].GetProperty("code").GetString().ShouldBe("MSB4025");
        DatasetTool.RunIn(project.Folder, ["build", "nowhere", "--json"]).ShouldExitWith(2).Json.GetProperty("errors")[0].GetProperty("message").GetString()!.ShouldContain("nowhere");
    }

    [Fact]
    public void A_warning_is_told_and_fails_the_build_only_where_that_is_wanted()
    {
        using var project = new SampleProject(Shards, "<DatasetOnly>true</DatasetOnly><DatasetOnInvalidRecord>Quarantine</DatasetOnInvalidRecord>");
        project.WriteLines("data/a.jsonl", [.. Messages.Counting("reed", 2), "{oops"]);
        DatasetTool.Run("build", project.Folder).ShouldExitWith(0).Error.ShouldContain("warning DSB1017: ");
        DatasetTool.Run("build", project.Folder, "--", "-warnaserror").ShouldExitWith(1).Error.ShouldContain("error DSB1017: ");
        DatasetTool.Run("build", project.Folder, "-v", "quiet").ShouldExitWith(0).Error.ShouldBeEmpty();
    }

    [Fact]
    public void A_build_without_a_data_set_is_a_mistake()
    {
        var folder = Directory.CreateTempSubdirectory("dataset-plain-");
        File.WriteAllText(Path.Combine(folder.FullName, "plain.proj"), """<Project><Target Name="Restore" /><Target Name="Build" /></Project>""");
        DatasetTool.Run("build", folder.FullName).ShouldExitWith(2).Error.ShouldContain("no project in it has a data set");
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Progress_moves_in_a_terminal_and_carries_no_colour_where_none_is_wanted()
    {
        using var project = new SampleProject(Shards, engine: Built.FakeEngine);
        const string Tick = """out {"event":"progress","stage":"Short","done":1200,"total":52002,"cached":200,"rate":1000.5,"secondsLeft":50.8}""";
        project.Script(Tick, "sleep 4000", Tick, Result);

        var live = DatasetTool.RunInTerminal(120, ["build", project.Folder]).ShouldExitWith(0).Output;
        live.ShouldContain("sample: Short");
        live.ShouldContain("1,200 of 52,002, 51 s left, 1,000/s, 200 cached");
        live.ShouldContain("kept 2 of 3 records in /out/");

        foreach (var plain in (IEnumerable<(string, string)>)[("NO_COLOR", "1"), ("TERM", "dumb")])
        {
            var output = DatasetTool.RunInTerminal(["build", project.Folder], plain).ShouldExitWith(0).Output;
            output.ShouldNotMatch($@"{Escape}\[[0-9;]*[A-HJKm]"); // no colour, and no cursor that moves
            output.ShouldContain("kept 2 of 3 records in /out/");
        }
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public void No_line_of_progress_is_wider_than_the_terminal(int columns)
    {
        using var project = new SampleProject(Shards, engine: Built.FakeEngine, name: "a-project-with-a-rather-long-name");
        project.Script(
            """out {"event":"progress","stage":"AStageWithARatherLongName","done":1234567,"total":9876543,"cached":123456,"rate":98765,"secondsLeft":500}""", "sleep 1500", Result);
        var output = DatasetTool.RunInTerminal(columns, ["build", project.Folder]).ShouldExitWith(0).Output;
        output.ShouldContain("a-project-");
        var lines = System.Text.RegularExpressions.Regex.Replace(output, @"\x1b\[[0-9;?]*[A-Za-z]", "").Split('\r', '\n');
        lines.Max(line => line.Length).ShouldBeLessThanOrEqualTo(columns);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task An_interrupted_build_lets_the_engine_save_what_is_done(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        using var project = new SampleProject(Shards, engine: Built.FakeEngine);
        project.Script("wait-for-end-of-input", "sleep 300", "exit 130");
        using var build = DatasetTool.Launch("build", project.Folder);
        await EngineOf(project, build);
        Signal(signal, build);
        DatasetTool.Finish(build).ShouldExitWith(130).Error.ShouldContain("What was scored is kept");
        LogOf(project).ShouldContain("input ended");
    }

    [Fact]
    public async Task A_second_interruption_waits_for_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals");
        using var project = new SampleProject(Shards, engine: Built.FakeEngine);
        project.Script("wait-for-end-of-input", "sleep 600000");
        using var build = DatasetTool.Launch("build", project.Folder);
        var engine = await EngineOf(project, build);
        Signal("INT", build);
        while (!LogOf(project).Contains("input ended"))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Signal("INT", build);
        DatasetTool.Finish(build).ShouldExitWith(130);
        while (IsAlive(engine))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static string[] LogOf(SampleProject project) => File.ReadAllLines(Path.Combine(project.StatePath, "plan.json.log"));

    private static async Task<int> EngineOf(SampleProject project, Process build)
    {
        var log = Path.Combine(project.StatePath, "plan.json.log");
        while (!File.Exists(log) || !LogOf(project).Contains("ready"))
        {
            build.HasExited.ShouldBeFalse();
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return int.Parse(LogOf(project).Single(line => line.StartsWith("pid ", StringComparison.Ordinal))[4..], CultureInfo.InvariantCulture);
    }

    private static bool IsAlive(int process)
    {
        try
        {
            // What has ended but was not asked how still has an entry.
            return !File.ReadAllText($"/proc/{process}/stat").Split(") ")[1].StartsWith('Z');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Signal(string name, Process receiver)
    {
        using var kill = Process.Start("kill", ["-" + name, "--", receiver.Id.ToString(CultureInfo.InvariantCulture)])!;
        kill.WaitForExit();
    }
}
