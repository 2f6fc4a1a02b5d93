using DatasetBuild.Reporting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DatasetBuild.Tool.Progress;

/// <summary>Progress in a terminal: a bar a row, with what goes on before it and the facts behind it.</summary>
internal sealed class LiveRows(int width) : IRows
{
    // Below this, words are worth more than a bar; from the other on, there is room for all.
    private const int Narrow = 60;
    private const int Wide = 110;

    private readonly Lock gate = new();
    private readonly Dictionary<string, ProgressTask> bars = [];
    private ProgressContext? context;

    public ProgressColumn[] Columns => width < Narrow
        ? [new TextColumn(width / 3), new FactsColumn()]
        : [new TextColumn(width < Wide ? 24 : 48), new ProgressBarColumn { Width = width < Wide ? 10 : 30 }, new FactsColumn()];

    /// <summary>From now on there is a place to show rows in.</summary>
    public void Attach(ProgressContext place)
    {
        lock (gate)
        {
            context = place;
        }
    }

    public void Show(string row, string text, long done, long total, string facts)
    {
        lock (gate)
        {
            if (context is null)
            {
                return;
            }

            if (!bars.TryGetValue(row, out var bar))
            {
                bars[row] = bar = context.AddTask(text);
            }

            bar.Description = text;

            bar.IsIndeterminate = total == 0;

            // A full bar is a finished one, which would go away: it goes when its row ends.
            bar.MaxValue = Math.Max(1, total) + 0.001;
            bar.Value = done;
            bar.State.Update<Facts>(Facts.Key, _ => new Facts(facts));
        }
    }

    public void End(string row)
    {
        lock (gate)
        {
            if (bars.Remove(row, out var bar))
            {
                bar.StopTask();
            }
        }
    }

    // What a bar carries along has to be a struct.
    private readonly record struct Facts(string? Words)
    {
        public const string Key = "facts";
    }

    private sealed class TextColumn(int width) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(Visible.Start(task.Description, width - 1)) { Overflow = Overflow.Ellipsis };
    }

    private sealed class FactsColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.State.Get<Facts>(Facts.Key).Words ?? "") { Overflow = Overflow.Ellipsis };
    }
}
