using System.Diagnostics;
using DatasetBuild.Reporting;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Progress;

/// <summary>Progress where nothing can move, such as a log: one line a row every half minute, and nothing for what is done sooner.</summary>
internal sealed class LogRows(Screen screen) : IRows
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Stopwatch> sinceLast = [];

    public void Show(string row, string text, long done, long total, string facts)
    {
        if (!sinceLast.TryGetValue(row, out var clock))
        {
            sinceLast[row] = Stopwatch.StartNew();
        }
        else if (clock.Elapsed >= Interval)
        {
            clock.Restart();
            screen.Say($"{Visible.Of(text)}: {facts}", Verbosity.Minimal);
        }
    }

    public void End(string row) => sinceLast.Remove(row);
}
