using System.Diagnostics;
using System.Globalization;

namespace DatasetBuild.Tasks.Tests;

public sealed class CancellationTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Cancelling_ends_the_engines_input_and_lets_it_finish()
    {
        using var run = new TaskRun("wait-for-end-of-input", "sleep 300", "exit 130");
        var task = await run.StartAsync();
        run.Task.Cancel();
        (await task.WaitAsync(Soon)).ShouldBeFalse();
        run.EngineLog.ShouldContain("input ended");
        run.Build.Errors.ShouldBeEmpty();
        run.Build.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Input_stays_open_as_long_as_nobody_cancels()
    {
        using var run = new TaskRun("wait-for-end-of-input", TaskRun.Result);
        var task = await run.StartAsync();
        (await Task.WhenAny(task, Task.Delay(500))).ShouldNotBe(task);
        run.Task.Cancel();
        await task.WaitAsync(Soon);
    }

    [Fact]
    public async Task Cancelling_a_thousand_times_from_many_threads_is_like_cancelling_once()
    {
        using var run = new TaskRun("wait-for-end-of-input", "sleep 300", "exit 130");
        var task = await run.StartAsync();
        Parallel.For(0, 1000, _ => run.Task.Cancel());
        (await task.WaitAsync(Soon)).ShouldBeFalse();
        run.Task.Cancel();
        run.Build.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void Cancelling_before_the_start_stops_the_engine_at_once()
    {
        using var run = new TaskRun("wait-for-end-of-input", "exit 130");
        run.Task.Cancel();
        run.Execute().ShouldBeFalse();
        run.Build.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_engine_that_does_not_listen_is_killed_after_a_while()
    {
        using var run = new TaskRun("sleep 60000");
        run.Task.SecondsToStop = 1;
        var task = await run.StartAsync();
        run.Task.Cancel();
        (await task.WaitAsync(Soon)).ShouldBeFalse();
        run.Build.Errors.ShouldBeEmpty();
        IsRunning(run).ShouldBeFalse();
    }

    [Fact]
    public async Task A_cancellation_that_comes_just_after_the_engine_stopped_is_no_error()
    {
        using var run = new TaskRun("exit 130"); // Ctrl-C reaches the engine first
        var task = await run.StartAsync();
        await Task.Delay(200);
        run.Task.Cancel();
        (await task.WaitAsync(Soon)).ShouldBeFalse();
        run.Build.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void An_engine_that_somebody_else_stopped_is_an_error()
    {
        using var run = new TaskRun("exit 130");
        run.Execute().ShouldBeFalse();
        run.Build.Errors.ShouldHaveSingleItem().Code.ShouldBe("DSB9001");
    }

    [Fact]
    public async Task A_child_that_keeps_the_pipe_open_does_not_hold_up_the_build()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "starts a shell");
        using var run = new TaskRun("leave-child 20", TaskRun.Result);
        var watch = Task.Run(run.Execute);
        (await watch.WaitAsync(TimeSpan.FromSeconds(15))).ShouldBeTrue();
    }

    private static bool IsRunning(TaskRun run)
    {
        var pid = int.Parse(run.EngineLog.Single(line => line.StartsWith("pid ", StringComparison.Ordinal))[4..], CultureInfo.InvariantCulture);
        return Process.GetProcesses().Any(process => process.Id == pid && !process.HasExited);
    }
}
