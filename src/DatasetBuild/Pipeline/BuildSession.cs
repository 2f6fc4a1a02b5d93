using DatasetBuild.Caching;
using DatasetBuild.Reporting;
using DatasetBuild.Scoring;

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
    private readonly MemoryKeeper memory;

    /// <summary>A build, or with <paramref name="trial"/> a look at what a build would do, which changes nothing on the disk.</summary>
    /// <param name="plan">The evaluated project.</param>
    /// <param name="observer">Hears what happens.</param>
    /// <param name="cancel">The wish to stop.</param>
    /// <param name="trial">Remembers what would be scored.</param>
    /// <param name="cachePath">Another cache than the plan's.</param>
    /// <param name="models">Opens language models; null where the host has no engine for them.</param>
    public BuildSession(Plan plan, IBuildObserver observer, CancellationToken cancel, Trial? trial = null, string? cachePath = null, ILanguageModelLoader? models = null)
    {
        Plan = plan;
        Settings = new Settings(plan, observer.Report);
        Cancel = cancel;
        memory = new MemoryKeeper(Settings.MemoryLimit);
        this.observer = observer;
        Trial = trial;
        Models = new OpenedModels(models, Settings.Threads);
        Derived = new DerivedData(cachePath ?? plan.CachePath, Report, use: CacheUse, isReadOnly: trial is not null);
        Store = new ScoreStore(cachePath ?? plan.CachePath, Report, use: CacheUse, isReadOnly: trial is not null);
    }

    public Plan Plan { get; }

    public Settings Settings { get; }

    public CancellationToken Cancel { get; }

    public DerivedData Derived { get; }

    public ScoreStore Store { get; }

    /// <summary>The language models; whoever lets stages score closes them.</summary>
    public OpenedModels Models { get; }

    /// <summary>Null in a build.</summary>
    public Trial? Trial { get; }

    /// <summary>What of the cache this build has used so far.</summary>
    public CacheUse CacheUse { get; } = new();

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

    public void Progress(string step, long done, long total, long cached = 0, long tokens = 0)
    {
        KeepMemory();
        lock (gate)
        {
            observer.Progress(step, done, total, cached, tokens);
        }
    }

    /// <summary>Where memory comes near its limit, lets go of what nobody holds; for steps that tell of no progress.</summary>
    public void KeepMemory() => memory.Look();

    public void StageDone(StageSummary stage)
    {
        KeepMemory();
        lock (gate)
        {
            observer.StageDone(stage);
        }
    }

    /// <summary>
    /// Runs <paramref name="body"/> for the numbers from 0 on, in this order, on the declared number of threads. A failure stops the others; that of the least
    /// number is thrown as it is, whichever thread came first: what stands before it was begun before it, and is brought to its end.
    /// </summary>
    /// <param name="count">How many numbers.</param>
    /// <param name="body">Called on several threads.</param>
    /// <param name="canStop">Whether the wish to stop ends the loop; behind the commit there is nothing left to stop.</param>
    public void Parallel(int count, Action<int> body, bool canStop = true)
    {
        var next = -1;
        var failed = int.MaxValue;
        Exception? failure = null;
        Lock failing = new();
        var helpers = new Task[Math.Max(0, Math.Min(Settings.Threads, count) - 1)];
        for (var i = 0; i < helpers.Length; i++)
        {
            helpers[i] = Task.Run(Work);
        }

        Work();
        Task.WaitAll(helpers);
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        void Work()
        {
            var number = -1;
            try
            {
                while (Volatile.Read(ref failure) is null && (number = Interlocked.Increment(ref next)) < count)
                {
                    if (canStop)
                    {
                        Cancel.ThrowIfCancellationRequested();
                    }

                    KeepMemory();
                    body(number);
                }
            }
            catch (Exception error)
            {
                lock (failing)
                {
                    (failed, failure) = number < failed ? (number, error) : (failed, failure);
                }
            }
        }
    }
}
