using System.Diagnostics.CodeAnalysis;
using DatasetBuild.Reporting;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DatasetBuild.Tasks;

/// <summary>
/// Hands the evaluated project to the engine and relays what the engine says. All that happens to data happens in that process:
/// a task shares its process with the rest of the build and may outlive it, so it must carry no natives and no state.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class RunDatasetEngine : Microsoft.Build.Utilities.Task, ICancelableTask, IIncrementalTask
{
    // On Ctrl-C the terminal signals the engine and MSBuild alike, and the engine may well be done first.
    private static readonly TimeSpan CancellationMayFollow = TimeSpan.FromSeconds(2);

    private readonly StopSignal stop = new();

    /// <summary>The engine's assembly, `dotnet-dataset.dll`.</summary>
    [Required]
    public string EngineAssembly { get; set; } = "";

    /// <summary>
    /// The project's switches that the engine does not get: the item is a property's name, its metadata `Value` true, false or empty. What else there may be, MSBuild
    /// takes for false without a word.
    /// </summary>
    public ITaskItem[] Switches { get; set; } = [];

    /// <summary>The `dotnet` that runs this build; empty means the one on the path.</summary>
    public string DotNetHost { get; set; } = "";

    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>Where to write the plan. It is left alone when it already says the same.</summary>
    [Required]
    public string PlanFile { get; set; } = "";

    [Required]
    public string OutputPath { get; set; } = "";

    [Required]
    public string ReportPath { get; set; } = "";

    [Required]
    public string StatePath { get; set; } = "";

    /// <summary>The score cache; empty means the user's.</summary>
    public string CachePath { get; set; } = "";

    /// <summary>
    /// The project's settings: the item is a property's name, its metadata `Value` the value. Empty ones are left out of the plan; their names
    /// still say which properties there are.
    /// </summary>
    [SuppressMessage("Performance", "CA1819:Properties should not return arrays", Justification = "MSBuild sets item lists as arrays.")]
    public ITaskItem[] Settings { get; set; } = [];

    public ITaskItem[] Shards { get; set; } = [];

    /// <summary>Files of records that were selected elsewhere before.</summary>
    public ITaskItem[] Base { get; set; } = [];

    /// <summary>Files of records that models are evaluated on.</summary>
    public ITaskItem[] Evaluation { get; set; } = [];

    public ITaskItem[] Stages { get; set; } = [];

    /// <summary>
    /// Stages whose stored scores are dropped and made again in this build, separated by ';'. They are no part of the plan: the next build has to find nothing
    /// changed.
    /// </summary>
    public string Rescore { get; set; } = "";

    /// <summary>How long the engine may take, such as `10m`; empty means no limit. It is no part of the plan either.</summary>
    public string LimitTime { get; set; } = "";

    /// <summary>The page that explains the diagnostics, one heading a code; empty means no links.</summary>
    public string HelpPage { get; set; } = "";

    /// <summary>Write the plan and start nothing: the tool reads the plan, or builds it in its own process.</summary>
    public bool PlanOnly { get; set; }

    /// <summary>Ask the engine whether the subset is up to date, and build nothing: <see cref="Status"/> is the answer.</summary>
    public bool StatusOnly { get; set; }

    /// <summary>Set by MSBuild for `-question`: a subset that is not up to date is an error, and nothing is built.</summary>
    public bool FailIfNotIncremental { get; set; }

    /// <summary>How long the engine may take to save its scores after a cancellation before it is killed.</summary>
    public int SecondsToStop { get; set; } = 10;

    [Output]
    public ITaskItem[] Outputs { get; private set; } = [];

    [Output]
    public ITaskItem[] Reports { get; private set; } = [];

    [Output]
    public ITaskItem? Manifest { get; private set; }

    [Output]
    public bool UpToDate { get; private set; }

    /// <summary>The subset's folder; its metadata say whether the subset is up to date, and if not, why.</summary>
    [Output]
    public ITaskItem? Status { get; private set; }

    public override bool Execute()
    {
        var projectDirectory = Path.GetDirectoryName(ProjectFile)!;
        if (Switches.FirstOrDefault(one => ValueOf(one).Length > 0 && !bool.TryParse(ValueOf(one), out _)) is { } wrong)
        {
            Log.LogError(
                null, "DSB2005", null, ProjectFile, 0, 0, 0, 0, "{0}",
                $"The project: {wrong.ItemSpec}=\"{Visible.Of(ValueOf(wrong))}\" cannot be used. It is true or false.");
            return false;
        }

        if (!ShardList.TryMakeDistinct(Shards, projectDirectory, Log, ProjectFile, out var shards)
            | !ShardList.TryMakeDistinct(Base, projectDirectory, Log, ProjectFile, out var selected)
            | !ShardList.TryMakeDistinct(Evaluation, projectDirectory, Log, ProjectFile, out var evaluation))
        {
            return false;
        }

        var plan = new Plan(ProjectFile, OutputPath, ReportPath, StatePath, CachePath, Settings, shards, Stages) { Base = selected, Evaluation = evaluation };
        var isQuestion = StatusOnly || (FailIfNotIncremental && !PlanOnly);
        if (!isQuestion && !TryWrite(plan))
        {
            return false;
        }

        if (PlanOnly)
        {
            return true;
        }

        if (!isQuestion)
        {
            EmptyItems.Warn(Log, ProjectFile, [("DatasetShard", shards), ("DatasetBase", selected), ("DatasetEvaluation", evaluation)]);
            var names = new MisspeltNames(Log, ProjectFile, [.. Settings.Select(setting => setting.ItemSpec)]);
            names.WarnOfDeclared();
            names.WarnOfGiven(BuildEngine is IBuildEngine6 build ? build.GetGlobalProperties().Keys : []);
        }

        // A question leaves no trace, and so no plan on the disk: the engine gets it by way of its input.
        var events = new EngineEvents(Log, ProjectFile, OutputPath, HelpPage, TimeProvider.System);
        var engine = isQuestion
            ? Engine(projectDirectory, "question") with { Input = PlanWriter.ToJson(plan) }
            : Engine(projectDirectory, ["engine", PlanFile, .. LimitTime.Length > 0 ? (string[])["--limit-time", LimitTime] : [], .. Rescore.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]);
        if (Run(engine, events) is not { } exit)
        {
            return false;
        }

        if (exit.Code == EngineExit.Interrupted && stop.Wait(CancellationMayFollow))
        {
            // MSBuild says itself that the build was cancelled.
            Log.LogMessage(MessageImportance.High, "{0}", "The dataset was stopped: what is scored is kept, the subset is the one from before, and the next build goes on from here.");
            return false;
        }

        if (exit.Code != 0 && stop.IsRaised)
        {
            return false;
        }

        events.Finish(exit, failIfStale: !StatusOnly);
        Return(events);
        return !events.HasErrors;
    }

    /// <summary>Called from any thread, and by a task host over and over until <see cref="Execute"/> returns.</summary>
    public void Cancel() => stop.Raise();

    private static string ValueOf(ITaskItem item) => item.GetMetadata("Value").Trim();

    private static TaskItem Item(string path) => new(Escape(path));

    // MSBuild takes an item's texts for escaped ones: %2E would come out as a dot, and name another file.
    private static string Escape(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal);

    /// <summary>Writes the plan, unless the state is another project's. Of two that come at once to a folder without one, the first wins.</summary>
    private bool TryWrite(Plan plan)
    {
        do
        {
            if (StateOwner.OtherThan(ProjectFile, PlanFile, StatePath) is { } owner)
            {
                Log.LogError(null, "DSB2017", null, ProjectFile, 0, 0, 0, 0, StateOwner.Complaint(owner, StatePath));
                return false;
            }
        }
        while (!PlanWriter.TryWriteIfDifferent(PlanFile, plan));
        return true;
    }

    private void Return(EngineEvents events)
    {
        if (events.Result is { } result)
        {
            Outputs = [.. result.Outputs.Select(Item)];
            Reports = [.. result.Reports.Select(Item)];
            Manifest = result.Manifest.Length > 0 ? Item(result.Manifest) : null;
            UpToDate = result.UpToDate;
        }

        var status = Item(OutputPath);
        foreach (var (name, value) in StatusMetadata.Of(events.Result, events.Staleness))
        {
            status.SetMetadata(name, Escape(value));
        }

        Status = status;
    }

    private EngineProcess Engine(string projectDirectory, params string[] arguments) => new(arguments, projectDirectory, stop, TimeSpan.FromSeconds(SecondsToStop));

    private EngineExit? Run(EngineProcess engine, EngineEvents events)
    {
        // The wait may take hours: let this node build other projects meanwhile.
        var node = BuildEngine as IBuildEngine3;
        node?.Yield();
        try
        {
            var mayBeNative = !Switches.Any(one => one.ItemSpec == "DatasetNativeEngine" && bool.TryParse(ValueOf(one), out var isWanted) && !isWanted);
            return new EngineStart(Log, ProjectFile, EngineAssembly, DotNetHost.Length > 0 ? DotNetHost : "dotnet").Run(engine, events, mayBeNative);
        }
        catch (EngineStartException failure)
        {
            Log.LogError(null, "DSB9003", null, ProjectFile, 0, 0, 0, 0, failure.Message);
            return null;
        }
        finally
        {
            node?.Reacquire();
        }
    }
}
