using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Tasks.Tests;

public sealed class RelayingTests
{
    [Fact]
    public void A_success_returns_the_files_that_the_engine_names()
    {
        using var run = new TaskRun(TaskRun.Result);
        run.Execute().ShouldBeTrue();
        run.Task.Outputs.Select(item => item.ItemSpec).ShouldBe(["/out/a.jsonl"]);
        run.Task.Reports.Select(item => item.ItemSpec).ShouldBe(["/report/r.html"]);
        run.Task.Manifest!.ItemSpec.ShouldBe("/out/m.json");
        run.Task.UpToDate.ShouldBeFalse();
        run.Build.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void The_table_hangs_on_the_one_line_that_the_terminal_logger_shows()
    {
        using var run = new TaskRun("""out {"event":"table","text":"Stage  Kept\nShort     2\n"}""", TaskRun.Result);
        run.Execute().ShouldBeTrue();
        run.Build.TextOf(MessageImportance.High).ShouldBe([$"sample -> {run.Task.OutputPath} (kept 2 of 3)\n  Stage  Kept\n  Short     2"]);
    }

    [Fact]
    public void A_build_with_nothing_to_do_says_so()
    {
        using var run = new TaskRun("""out {"event":"result","upToDate":true,"kept":8412,"records":52002,"outputs":[],"reports":[],"manifest":""}""");
        run.Execute().ShouldBeTrue();
        run.Build.TextOf(MessageImportance.High).Single().ShouldEndWith("(kept 8,412 of 52,002, up to date)");
        run.Task.UpToDate.ShouldBeTrue();
    }

    [Fact]
    public void A_stage_is_one_message_of_normal_importance()
    {
        using var run = new TaskRun(
            """out {"event":"stage","name":"Short","entered":52002,"kept":8412,"dropped":43590,"missing":0,"scored":1,"cached":52001}""", TaskRun.Result);
        run.Execute().ShouldBeTrue();
        run.Build.TextOf(MessageImportance.Normal).ShouldBe(["Short: entered 52,002, kept 8,412, dropped 43,590, missing 0, scored 1, cached 52,001"]);
    }

    [Fact]
    public void Progress_does_not_fill_a_log()
    {
        var tick = """out {"event":"progress","stage":"Index","done":1200,"total":55185,"cached":1000,"rate":81000.5,"secondsLeft":1.2}""";
        using var run = new TaskRun(tick, tick, tick, TaskRun.Result);
        run.Execute().ShouldBeTrue();
        run.Build.TextOf(MessageImportance.Normal).ShouldBeEmpty();
        run.Build.TextOf(MessageImportance.Low).Count(text => text.StartsWith("""{"event":"progress","stage":"Index","done":1200""", StringComparison.Ordinal)).ShouldBe(3);
    }

    [Fact]
    public void Long_work_gives_a_sign_of_life_every_half_minute()
    {
        var build = new RecordingBuildEngine();
        var clock = new SteppingClock();
        var events = new EngineEvents(new TaskLoggingHelper(build, "test"), "/p/sample.csproj", "/out/", "", clock);
        for (var second = 0; second < 100; second++)
        {
            clock.Seconds = second;
            events.Relay($$"""{"event":"progress","stage":"Index","done":{{second}},"total":100,"cached":0,"rate":1,"secondsLeft":{{100 - second}}}""");
        }

        build.TextOf(MessageImportance.Normal).ShouldBe(
        [
            "Index: 30 of 100 records, 0 from the cache, 1 a second, 00:01:10 left",
            "Index: 60 of 100 records, 0 from the cache, 1 a second, 00:00:40 left",
            "Index: 90 of 100 records, 0 from the cache, 1 a second, 00:00:10 left",
        ]);
    }

    [Fact]
    public void An_error_keeps_its_code_its_place_and_a_link_to_its_explanation()
    {
        using var run = new TaskRun(
            """out {"event":"diagnostic","severity":"error","code":"DSB1001","message":"'{x}' is 100% wrong","file":"/data/a.jsonl","line":3,"column":7}""", "exit 1");
        run.Task.HelpPage = Path.Combine(run.Folder, "README.md");
        run.Execute().ShouldBeFalse();
        var error = run.Build.Errors.ShouldHaveSingleItem();
        (error.Code, error.Message, error.File, error.LineNumber, error.ColumnNumber).ShouldBe(("DSB1001", "'{x}' is 100% wrong", "/data/a.jsonl", 3, 7));
        error.HelpLink.ShouldBe(new Uri(run.Task.HelpPage).AbsoluteUri + "#dsb1001");
    }

    [Fact]
    public void A_warning_without_a_file_names_the_project_and_does_not_fail_the_build()
    {
        using var run = new TaskRun(
            """out {"event":"diagnostic","severity":"warning","code":"DSB2007","message":"Nothing is left.","file":"","line":0,"column":0}""", TaskRun.Result);
        run.Execute().ShouldBeTrue();
        var warning = run.Build.Warnings.ShouldHaveSingleItem();
        (warning.Code, warning.File, warning.Message).ShouldBe(("DSB2007", run.Task.ProjectFile, "Nothing is left."));
    }

    [Theory]
    [InlineData("native library says hello")]
    [InlineData("{\"event\":\"progress\"")]
    [InlineData("[1, 2]")]
    [InlineData("{\"event\":17}")]
    [InlineData("{\"event\":\"of a later version\",\"x\":1}")]
    public void A_line_that_is_not_understood_is_logged_and_changes_nothing(string line)
    {
        using var run = new TaskRun("out " + line, TaskRun.Result);
        run.Execute().ShouldBeTrue();
        run.Build.Messages.ShouldContain(message => message.Message == line);
    }

    [Fact]
    public void Members_of_an_unexpected_type_read_as_empty()
    {
        using var run = new TaskRun(
            """out {"event":"stage","name":["x"],"entered":"many","kept":1.5}""",
            """out {"event":"diagnostic","severity":"error","code":"DSB1001","message":"m","file":null,"line":"3","column":99999999999}""", "exit 1");
        run.Execute().ShouldBeFalse();
        run.Build.Errors.ShouldHaveSingleItem().LineNumber.ShouldBe(0);
    }

    [Fact]
    public void The_node_is_free_while_the_engine_works_and_taken_back_after()
    {
        using var run = new TaskRun(TaskRun.Result);
        run.Execute();
        run.Build.HasYielded.ShouldBeTrue();
        run.Build.IsYielding.ShouldBeFalse();
    }

    private sealed class SteppingClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
