using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Progress;

/// <summary>Shows what work in this process does, in a single row.</summary>
internal sealed class StepObserver(Screen screen, IRows rows) : IBuildObserver
{
    private const string Row = "work";

    private string step = "";
    private Pace pace = new();

    public void Report(Diagnostic diagnostic) => screen.Report(diagnostic);

    public void Progress(string step, long done, long total, long cached, long tokens = 0)
    {
        if (this.step != step)
        {
            (this.step, pace) = (step, new Pace());
        }

        rows.Show(Row, step, done, total, pace.Describe(done, total, cached, tokens));
    }

    public void StageDone(StageSummary stage) => Watching.Say(screen, stage);
}
