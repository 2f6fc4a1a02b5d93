using System.Collections.Concurrent;
using DatasetBuild.Caching;
using DatasetBuild.Reporting;

namespace DatasetBuild.Pipeline;

/// <summary>
/// What all steps of one build share: the plan, the cache, who listens, and the wish to stop. Diagnostics go through here so that each is
/// counted and none is said twice.
/// </summary>
public sealed class BuildSession
{
    private readonly IBuildObserver observer;
    private readonly Lock gate = new();
    private readonly HashSet<Diagnostic> said = [];

    public BuildSession(Plan plan, IBuildObserver observer, CancellationToken cancel)
    {
        Plan = plan;
        Settings = new Settings(plan);
        Cancel = cancel;
        this.observer = observer;
        Derived = new DerivedData(plan.CachePath, Report);
        Store = new ScoreStore(plan.CachePath, Report);
    }

    public Plan Plan { get; }

    public Settings Settings { get; }

    public CancellationToken Cancel { get; }

    public DerivedData Derived { get; }

    public ScoreStore Store { get; }

    /// <summary>What is derived from a shard but could not be kept on disk; otherwise empty.</summary>
    internal Dictionary<string, ShardIndex> UnkeptIndexes { get; } = [];

    /// <summary>The warnings about data and project so far; those about the cache are facts of one run and not among them.</summary>
    public IReadOnlyList<Diagnostic> Warnings
    {
        get
        {
            lock (gate)
            {
                return [.. said.Where(diagnostic => diagnostic.Severity == Severity.Warning && !diagnostic.Code.StartsWith("DSB4", StringComparison.Ordinal))
                    .OrderBy(diagnostic => diagnostic.ToString(), StringComparer.Ordinal)];
            }
        }
    }

    public void Report(Diagnostic diagnostic)
    {
        lock (gate)
        {
            if (said.Add(diagnostic))
            {
                observer.Report(diagnostic);
            }
        }
    }

    public void Progress(string step, long done, long total, long cached = 0)
    {
        lock (gate)
        {
            observer.Progress(step, done, total, cached);
        }
    }

    public void StageDone(StageSummary stage)
    {
        lock (gate)
        {
            observer.StageDone(stage);
        }
    }

    /// <summary>Runs <paramref name="body"/> for each item on the declared number of threads; the first failure stops the others and is thrown as it is.</summary>
    /// <param name="items">Taken one by one.</param>
    /// <param name="body">Called on several threads.</param>
    /// <param name="canStop">Whether the wish to stop ends the loop; behind the commit there is nothing left to stop.</param>
    public void Parallel<T>(IEnumerable<T> items, Action<T> body, bool canStop = true)
    {
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Settings.Threads, CancellationToken = canStop ? Cancel : CancellationToken.None };
            System.Threading.Tasks.Parallel.ForEach(Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering), options, body);
        }
        catch (AggregateException error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error.InnerExceptions.FirstOrDefault(inner => inner is DatasetException) ?? error.InnerExceptions[0]);
        }
    }
}
