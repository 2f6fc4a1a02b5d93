using System.Globalization;
using DatasetBuild.Pipeline;
using DatasetBuild.Scoring;

namespace DatasetBuild.Tool.Engine;

/// <summary>
/// How long a build may take: <c>--limit-time 10m</c>, the property <c>DatasetLimitTime</c>. When it is over, the build stops in order: what is scored is
/// kept, the subset stays the one before, and the next build goes on from there.
/// </summary>
internal static class TimeLimit
{
    public const string Option = "--limit-time";
    public const string Example = "It is a number of seconds, or has a unit: 90, 90s, 10m or 1.5h.";

    private static readonly TimeSpan Most = TimeSpan.FromDays(30);

    /// <summary>Reads a number of seconds (90s, or 90), minutes (10m) or hours (1.5h).</summary>
    public static bool TryParse(string text, out TimeSpan limit)
    {
        text = text.Trim();
        var scale = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, >= '0' and <= '9' => -1, _ => 0 };
        var number = scale > 0 ? text[..^1] : text;
        limit = default;
        if (scale == 0 || !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value * Math.Abs(scale) is not (> 0 and var seconds) || seconds > Most.TotalSeconds)
        {
            return false;
        }

        limit = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <exception cref="DatasetException">The time was over before the work (DSB3075).</exception>
    public static T Run<T>(TimeSpan? limit, Func<CancellationToken, T> work, CancellationToken cancel)
    {
        if (limit is not { } time)
        {
            return work(cancel);
        }

        using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timed.CancelAfter(time);
        try
        {
            return work(timed.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new DatasetException(
                PassCodes.TimeIsUp,
                string.Create(CultureInfo.InvariantCulture, $"the limit of {time.TotalSeconds:0.###} s is up. What is scored is kept, and the subset is the one from before. Build again: it goes on from here."));
        }
    }

    /// <summary>The limit among the engine's arguments, taken out of them.</summary>
    /// <exception cref="DatasetException">It cannot be read.</exception>
    public static TimeSpan? TakeFrom(ref IReadOnlyList<string> arguments)
    {
        if (arguments.Count < 2 || arguments[0] != Option)
        {
            return null;
        }

        var text = arguments[1];
        arguments = [.. arguments.Skip(2)];
        return TryParse(text, out var limit) ? limit : throw new DatasetException(ProjectCodes.InvalidValue, $"DatasetLimitTime=\"{text}\" cannot be used. {Example}");
    }
}
