using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;
using Spectre.Console;

namespace DatasetBuild.Tool.Progress;

/// <summary>Runs long work while somebody watches.</summary>
internal static class Watching
{
    public static T Run<T>(Screen screen, Func<IBuildObserver, T> work)
    {
        if (!screen.IsLive)
        {
            return work(new LineObserver(screen));
        }

        var wide = screen.Error.Profile.Width >= 110;
        return screen.Error.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = wide ? 30 : 10 },
                new LiveObserver.FactsColumn())
            .Start(context => work(new LiveObserver(screen, context)));
    }

    /// <summary>All that a plan's records come to.</summary>
    public static Analysis Analyze(Plan plan, Screen screen, CancellationToken cancel) =>
        Run(screen, observer => Analysis.Run(plan, observer, cancel));

    internal static void Say(Screen screen, StageSummary stage) => screen.Say(
        $"{Visible.Of(stage.Name)}: entered {Numbers.Count(stage.Entered)}, kept {Numbers.Count(stage.Kept)}, dropped {Numbers.Count(stage.Dropped)}, missing {Numbers.Count(stage.Missing)}, scored {Numbers.Count(stage.Scored)}, cached {Numbers.Count(stage.Cached)}",
        Verbosity.Detailed);
}
