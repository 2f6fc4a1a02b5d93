using DatasetBuild.Pipeline;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DatasetBuild.Tool.Progress;

/// <summary>Progress in a terminal: a bar for the step that is under way, with its rate, time left and cache hits.</summary>
internal sealed class LiveObserver(Screen screen, ProgressContext context) : IBuildObserver
{
    // A bar that is gone before it can be read is noise.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private string step = "";
    private Pace pace = new();
    private ProgressTask? bar;

    public void Report(Diagnostic diagnostic) => screen.Report(diagnostic);

    public void Progress(string step, long done, long total, long cached)
    {
        if (this.step != step)
        {
            bar?.StopTask();
            (this.step, pace, bar) = (step, new Pace(), null);
        }

        if (bar is null)
        {
            if (pace.Elapsed < Patience)
            {
                return;
            }

            bar = context.AddTask(Markup.Escape(Visible.Of(step)));
        }

        bar.IsIndeterminate = total == 0;
        bar.MaxValue = Math.Max(1, total);
        bar.Value = done;
        bar.State.Update<Facts>(FactsColumn.Key, _ => new Facts(pace.Describe(done, total, cached)));
    }

    public void StageDone(StageSummary stage) => Watching.Say(screen, stage);

    // What a bar carries along has to be a struct.
    private readonly record struct Facts(string? Text);

    internal sealed class FactsColumn : ProgressColumn
    {
        public const string Key = "facts";

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(task.State.Get<Facts>(Key).Text ?? "");
    }
}
