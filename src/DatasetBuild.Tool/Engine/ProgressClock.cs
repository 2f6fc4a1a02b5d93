using System.Diagnostics;

namespace DatasetBuild.Tool.Engine;

/// <summary>How fast a step goes, in records and in tokens of a language model a second, and how long it will still take; 0 seconds where that is not known.</summary>
internal readonly record struct ProgressTick(double Rate, double TokenRate, double SecondsLeft);

/// <summary>
/// Thins progress out to four ticks a second, from the second second of a step on. What came from the cache cost nothing and does not count as speed.
/// </summary>
internal sealed class ProgressClock
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private string step = "";
    private double started;
    private double last;

    public ProgressTick? Next(string current, long done, long total, long cached, long tokens)
    {
        var now = clock.Elapsed.TotalSeconds;
        if (current != step)
        {
            (step, started, last) = (current, now, now);
        }

        if (now - started < 1 || now - last < 0.25)
        {
            return null;
        }

        last = now;
        var rate = (done - cached) / (now - started);
        return new ProgressTick(rate, tokens / (now - started), total > 0 && rate > 0 ? (total - done) / rate : 0);
    }
}
