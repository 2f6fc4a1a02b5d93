using System.Runtime.InteropServices;
using DatasetBuild.Pipeline;
using DatasetBuild.Tool.Answers;

namespace DatasetBuild.Tool.Engine;

/// <summary>
/// The process that MSBuild starts, once a project: builds one plan and says what happens as JSON lines. It lives as long as its standard input: end-of-file
/// means that whoever started it is gone or wants it to stop.
/// </summary>
internal static class EngineProcess
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int Mistake = 2;
    private const int Stopped = 130;

    /// <summary>What MSBuild asks for; null: it was somebody else, who wants something else.</summary>
    public static int? Run(string[] arguments) => arguments switch
    {
        ["engine", var plan, .. var rest] => Run(plan, rest),
        ["question"] => Answer(),
        _ => null,
    };

    /// <param name="planPath">The plan to build.</param>
    /// <param name="arguments">A limit of time, if there is one, and stages that are scored again, whatever is up to date.</param>
    /// <param name="watch">Looks out for the wish to stop; null: until standard input ends.</param>
    public static int Run(string planPath, IReadOnlyList<string> arguments, Action<CancellationTokenSource>? watch = null) => Reporting(events =>
    {
        planPath = Path.GetFullPath(planPath);
        var rescore = arguments;
        var limit = TimeLimit.TakeFrom(ref rescore);
        if (rescore.Count > 0 && Rescoring.Find(Plan.Load(planPath), rescore).Count > 0)
        {
            return Build(planPath, rescore, limit, events, watch ?? WatchInput);
        }

        return DatasetBuilder.TryUpToDate(planPath, Path.GetDirectoryName(planPath)!, out _) is { } current ? Say(current, planPath, events) : Build(planPath, [], limit, events, watch ?? WatchInput);
    });

    /// <summary>Says whether a build of the plan on standard input would have something to do, and changes nothing on the disk.</summary>
    private static int Answer() => Reporting(events =>
    {
        using var input = Console.OpenStandardInput();
        using var plan = new MemoryStream();
        input.CopyTo(plan);
        var staleness = Staleness.Of(Plan.Parse(plan.ToArray(), "standard input"));
        if (staleness.IsCurrent)
        {
            return Say(BuildResult.Of(staleness.Last!), null, events);
        }

        events.Stale(staleness);
        return Done;
    });

    private static int Say(BuildResult current, string? planPath, EventWriter events)
    {
        foreach (var warning in current.Warnings)
        {
            events.Report(warning);
        }

        events.Result(current, planPath);
        return Done;
    }

    private static int Reporting(Func<EventWriter, int> work)
    {
        using var events = new EventWriter(Console.OpenStandardOutput());
        try
        {
            return work(events);
        }
        catch (DatasetException error)
        {
            events.Report(error.Diagnostic);
            return error.Diagnostic.Code.StartsWith("DSB2", StringComparison.Ordinal) ? Mistake : Failed;
        }
        catch (BuildFailedException)
        {
            return Failed;
        }
        catch (OperationCanceledException)
        {
            return Stopped;
        }
        catch (Exception error)
        {
            events.Report(new Diagnostic(
                Severity.Error, ProjectCodes.Internal, $"the engine failed in a way that it should not. Please report this, with the text: {error}"));
            return Failed;
        }
    }

    private static int Build(string planPath, IReadOnlyCollection<string> rescore, TimeSpan? limit, EventWriter events, Action<CancellationTokenSource> watch)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ignore);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        watch(stop);

        var result = TimeLimit.Run(limit, cancel => DatasetBuilder.BuildIfChanged(Plan.Load(planPath), events, cancel, rescore, Engines.Models), stop.Token);
        if (result.UpToDate)
        {
            return Say(result, planPath, events);
        }

        events.Table(result);
        events.Result(result, planPath);
        return Done;

        // A terminal sends Ctrl-C to everyone at once; MSBuild then closes our input when it is ready.
        static void Ignore(PosixSignalContext signal) => signal.Cancel = true;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static void WatchInput(CancellationTokenSource stop)
    {
        var watcher = new Thread(() =>
        {
            try
            {
                using var input = Console.OpenStandardInput();
                Span<byte> ignored = stackalloc byte[64];
                while (input.Read(ignored) > 0)
                {
                }

                stop.Cancel();
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
            }
        })
        {
            IsBackground = true,
            Name = "input",
        };
        watcher.Start();
    }
}
