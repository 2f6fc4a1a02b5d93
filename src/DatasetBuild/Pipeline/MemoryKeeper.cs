using System.Diagnostics;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Keeps a build under its <c>DatasetMemoryLimit</c> as far as letting go of what nobody holds can: the runtime by itself takes more as long as the machine has more. May be asked by several threads.
/// </summary>
/// <param name="limit">In bytes; null: nothing is ever done.</param>
internal sealed class MemoryKeeper(long? limit)
{
    /// <summary>From this share of the limit on, what nobody holds is let go: between two looks memory may grow.</summary>
    public const double Near = 0.8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Where little came free, what is held is needed: looking for more then takes at most this share of the time.</summary>
    private const int PausePerCollection = 20;

    /// <summary>The same where a collection brought this share of the limit or more: there memory fills again soon.</summary>
    private const int PauseWhereItHelps = 6;
    private const double Much = 0.05;

    private readonly long start = Stopwatch.GetTimestamp();
    private readonly Lock gate = new();
    private TimeSpan next;

    public void Look()
    {
        if (limit is null || Stopwatch.GetElapsedTime(start) < next || !gate.TryEnter())
        {
            return;
        }

        try
        {
            var began = Stopwatch.GetElapsedTime(start);
            var held = Environment.WorkingSet;
            var pauses = PausePerCollection;
            if (held > Near * limit.Value)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                pauses = held - Environment.WorkingSet > Much * limit.Value ? PauseWhereItHelps : PausePerCollection;
            }

            var ended = Stopwatch.GetElapsedTime(start);
            next = ended + Pause + (pauses * (ended - began));
        }
        finally
        {
            gate.Exit();
        }
    }
}
