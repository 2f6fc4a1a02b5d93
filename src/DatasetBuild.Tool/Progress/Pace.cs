using System.Diagnostics;
using DatasetBuild.Tool.Output;

namespace DatasetBuild.Tool.Progress;

/// <summary>How fast a step goes, told in words. What came from the cache cost nothing and does not count as speed.</summary>
internal sealed class Pace
{
    private readonly Stopwatch clock = Stopwatch.StartNew();

    public TimeSpan Elapsed => clock.Elapsed;

    public string Describe(long done, long total, long cached)
    {
        var seconds = clock.Elapsed.TotalSeconds;
        var rate = seconds > 0 ? (done - cached) / seconds : 0;
        List<string> facts = [total > 0 ? $"{Numbers.Count(done)} of {Numbers.Count(total)}" : Numbers.Count(done)];
        if (cached > 0)
        {
            facts.Add($"{Numbers.Count(cached)} cached");
        }

        if (rate >= 1)
        {
            facts.Add($"{Numbers.Count((long)rate)}/s");
            if (total > done)
            {
                facts.Add($"{Numbers.Duration((total - done) / rate)} left");
            }
        }

        return string.Join(", ", facts);
    }
}
