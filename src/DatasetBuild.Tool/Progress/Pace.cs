using System.Diagnostics;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Progress;

/// <summary>How fast a step goes, told in words. What came from the cache cost nothing and does not count as speed.</summary>
internal sealed class Pace
{
    private readonly Stopwatch clock = Stopwatch.StartNew();

    public string Describe(long done, long total, long cached)
    {
        var seconds = clock.Elapsed.TotalSeconds;
        return Describe(done, total, cached, seconds > 0 ? (done - cached) / seconds : 0);
    }

    /// <param name="done">How many records are done.</param>
    /// <param name="total">Of how many; 0 where that is not known.</param>
    /// <param name="cached">How many of those that are done came from the cache.</param>
    /// <param name="rate">How many others are done in a second.</param>
    public static string Describe(long done, long total, long cached, double rate)
    {
        List<string> facts = [total > 0 ? $"{Numbers.Count(done)} of {Numbers.Count(total)}" : Numbers.Count(done)];
        if (rate >= 1)
        {
            if (total > done)
            {
                facts.Add($"{Numbers.Duration((total - done) / rate)} left");
            }

            facts.Add($"{Numbers.Count((long)rate)}/s");
        }

        if (cached > 0)
        {
            facts.Add($"{Numbers.Count(cached)} cached");
        }

        return string.Join(", ", facts);
    }
}
