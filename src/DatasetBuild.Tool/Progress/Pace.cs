using System.Diagnostics;
using System.Globalization;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Progress;

/// <summary>How fast a step goes, told in words. What came from the cache cost nothing and does not count as speed.</summary>
internal sealed class Pace
{
    private readonly Stopwatch clock = Stopwatch.StartNew();

    public string Describe(long done, long total, long cached, long tokens)
    {
        var seconds = clock.Elapsed.TotalSeconds;
        return seconds > 0 ? Describe(done, total, cached, (done - cached) / seconds, tokens / seconds) : Describe(done, total, cached, 0, 0);
    }

    /// <param name="done">How many records are done.</param>
    /// <param name="total">Of how many; 0 where that is not known.</param>
    /// <param name="cached">How many of those that are done came from the cache.</param>
    /// <param name="rate">How many others are done in a second.</param>
    /// <param name="tokenRate">How many tokens a language model takes in a second; 0 where none is at work.</param>
    public static string Describe(long done, long total, long cached, double rate, double tokenRate)
    {
        List<string> facts = [total > 0 ? $"{Numbers.Count(done)} of {Numbers.Count(total)}" : Numbers.Count(done)];
        if (rate >= 1 || (rate > 0 && tokenRate > 0))
        {
            if (total > done)
            {
                facts.Add($"{Numbers.Duration((total - done) / rate)} left");
            }

            facts.Add(rate < 10 && tokenRate > 0 ? string.Create(CultureInfo.InvariantCulture, $"{rate:0.0}/s") : $"{Numbers.Count((long)rate)}/s");
        }

        if (tokenRate >= 1)
        {
            facts.Add($"{Numbers.Count((long)tokenRate)} tokens/s");
        }

        if (cached > 0)
        {
            facts.Add($"{Numbers.Count(cached)} cached");
        }

        return string.Join(", ", facts);
    }
}
