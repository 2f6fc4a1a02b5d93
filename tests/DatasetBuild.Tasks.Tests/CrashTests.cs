namespace DatasetBuild.Tasks.Tests;

public sealed class CrashTests
{
    [Fact]
    public void A_failure_without_an_error_gets_one_with_the_engines_last_words()
    {
        using var run = new TaskRun("flood 100", "exit 7");
        run.Execute().ShouldBeFalse();
        var error = run.Build.Errors.ShouldHaveSingleItem();
        error.Code.ShouldBe("DSB9001");
        error.Message!.ShouldContain("exit code 7");
        error.Message!.ShouldContain("error line 99");
        error.Message!.ShouldNotContain("error line 79");
    }

    [Fact]
    public void A_crash_is_an_error_even_after_good_news()
    {
        using var run = new TaskRun("""out {"event":"stage","name":"Short"}""", "crash the end of the world");
        run.Execute().ShouldBeFalse();
        run.Build.Errors.ShouldHaveSingleItem().Message!.ShouldContain("the end of the world");
    }

    [Fact]
    public void An_engine_that_ends_without_a_result_has_failed()
    {
        using var run = new TaskRun("exit 0");
        run.Execute().ShouldBeFalse();
        run.Build.Errors.ShouldHaveSingleItem().Code.ShouldBe("DSB9001");
    }

    [Fact]
    public void An_error_is_not_followed_by_a_second_one_about_the_exit_code()
    {
        using var run = new TaskRun("""out {"event":"diagnostic","severity":"error","code":"DSB2001","message":"m"}""", "exit 2");
        run.Execute().ShouldBeFalse();
        run.Build.Errors.ShouldHaveSingleItem().Code.ShouldBe("DSB2001");
    }

    [Fact]
    public void A_host_that_is_not_there_is_named()
    {
        using var run = new TaskRun();
        run.Task.DotNetHost = Path.Combine(run.Folder, "no-such-dotnet");
        run.Execute().ShouldBeFalse();
        var error = run.Build.Errors.ShouldHaveSingleItem();
        error.Code.ShouldBe("DSB9003");
        error.Message!.ShouldContain("no-such-dotnet");
    }

    [Fact]
    public void A_missing_engine_is_a_crash_with_the_hosts_explanation()
    {
        using var run = new TaskRun();
        run.Task.EngineAssembly = Path.Combine(run.Folder, "no-such-engine.dll");
        run.Execute().ShouldBeFalse();
        run.Build.Errors.ShouldHaveSingleItem().Message!.ShouldContain("no-such-engine.dll");
    }
}
