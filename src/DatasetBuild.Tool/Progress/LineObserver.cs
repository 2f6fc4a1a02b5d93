using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Progress;

/// <summary>Progress where nothing can move, such as a log: one line every half minute, and nothing for what is done sooner.</summary>
internal sealed class LineObserver(Screen screen) : IBuildObserver
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Pace> paces = [];
    private readonly System.Diagnostics.Stopwatch sinceLast = System.Diagnostics.Stopwatch.StartNew();

    public void Report(Diagnostic diagnostic) => screen.Report(diagnostic);

    public void Progress(string step, long done, long total, long cached)
    {
        if (!paces.TryGetValue(step, out var pace))
        {
            paces[step] = pace = new Pace();
        }

        if (sinceLast.Elapsed >= Interval)
        {
            sinceLast.Restart();
            screen.Say($"{step}: {pace.Describe(done, total, cached)}", Verbosity.Minimal);
        }
    }

    public void StageDone(StageSummary stage) => Watching.Say(screen, stage);
}
