using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Engine;
using DatasetBuild.Tool.Output;
using Spectre.Console;

namespace DatasetBuild.Tool.Progress;

/// <summary>Runs long work while somebody watches.</summary>
internal static class Watching
{
    // A row that is gone before it can be read is noise.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    public static T Run<T>(Screen screen, Func<IBuildObserver, T> work) => Run(screen, (IRows rows) => work(new StepObserver(screen, rows)));

    public static T Run<T>(Screen screen, Func<IRows, T> work)
    {
        if (!screen.IsLive)
        {
            return work(new LogRows(screen));
        }

        var rows = new LiveRows(screen.Error.Profile.Width);
        var task = Task.Run(() => work(rows));
        if (Task.WaitAny([task], Patience) < 0)
        {
            Show(screen, rows, task);
        }

        return task.GetAwaiter().GetResult();
    }

    private static void Show(Screen screen, LiveRows rows, Task task) => screen.Error.Progress()
        .AutoClear(true)
        .HideCompleted(true)
        .Columns(rows.Columns)
        .Start(context =>
        {
            rows.Attach(context);
            Task.WaitAny(task);
        });

    /// <summary>All that a plan's records come to.</summary>
    public static Analysis Analyze(Plan plan, Screen screen, CancellationToken cancel) => Run(screen, (IBuildObserver observer) =>
    {
        using var live = LiveBuild.Begin(plan.CachePath);
        return Analysis.Run(plan, observer, cancel, models: Engines.Models);
    });

    internal static void Say(Screen screen, StageSummary stage, string project = "") => screen.Say(
        $"{Visible.Of(project)}{Visible.Of(stage.Name)}: entered {Numbers.Count(stage.Entered)}, kept {Numbers.Count(stage.Kept)}, dropped {Numbers.Count(stage.Dropped)}, missing {Numbers.Count(stage.Missing)}, scored {Numbers.Count(stage.Scored)}, cached {Numbers.Count(stage.Cached)}",
        Verbosity.Detailed);
}
