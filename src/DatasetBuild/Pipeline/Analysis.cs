using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Reporting;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Errors were reported; there is nothing more to say.</summary>
public sealed class BuildFailedException : Exception;

/// <summary>
/// Index and stages of one plan: what becomes of every record, and why. Nothing is written but the cache. A build writes the subset that follows from
/// it; the tool's questions are answered from it.
/// </summary>
public sealed class Analysis
{
    private const int MaxReported = 100;

    private Analysis(BuildSession session, Pool pool)
    {
        Session = session;
        Pool = pool;
        Fates = new Fates(pool.Count);
    }

    public BuildSession Session { get; }

    public Pool Pool { get; }

    public Fates Fates { get; }

    public IReadOnlyList<StageSummary> Summaries { get; private set; } = [];

    /// <summary>The files besides the shards that the stages read.</summary>
    public IReadOnlyCollection<SeenFile> InputFiles { get; private set; } = [];

    public int InvalidCount => Pool.InvalidCount;

    /// <summary>How many records were parsed in this run, rather than known from before.</summary>
    public int Parsed { get; private set; }

    internal IReadOnlyList<Stage> Stages { get; private set; } = [];

    internal IReadOnlyList<StageOutcome> Outcomes { get; private set; } = [];

    /// <param name="plan">The evaluated project.</param>
    /// <param name="observer">Hears what happens.</param>
    /// <param name="cancel">The wish to stop.</param>
    /// <param name="rescore">Stages whose stored scores of these records are dropped first, see <see cref="Rescoring"/>.</param>
    /// <param name="models">Opens language models; null where the host has no engine for them.</param>
    /// <exception cref="DatasetException">Something in the plan or the data must be mended first.</exception>
    /// <exception cref="BuildFailedException">The same, already reported.</exception>
    public static Analysis Run(Plan plan, IBuildObserver observer, CancellationToken cancel, IReadOnlyCollection<string>? rescore = null, ILanguageModelLoader? models = null)
    {
        var again = Rescoring.Find(plan, rescore ?? []);
        var analysis = Index(new BuildSession(plan, observer, cancel, models: models));
        Rescoring.Forget(analysis, again);
        try
        {
            analysis.RunStages();
        }
        finally
        {
            analysis.Session.Models.Close();
        }

        return analysis;
    }

    /// <summary>The records and the stages that they are to go through; no stage has run.</summary>
    internal static Analysis Index(BuildSession session)
    {
        var plan = session.Plan;
        foreach (var property in session.Settings.Unused)
        {
            session.Report(ItemLocation.Property(plan.Project, property).Say(
                Severity.Warning, ProjectCodes.UnusedProperty, $"the property {property} is set, but nothing in this version looks at it. Remove it, or wait for the version that does."));
        }

        RefuseMissing(plan, "DatasetBase", plan.Base);
        RefuseMissing(plan, "DatasetEvaluation", plan.Evaluation);
        if (plan.Shards.Count == 0)
        {
            throw ItemLocation.Any(plan.Project, "DatasetShard").Fail(
                ProjectCodes.NoShards, "the project has no DatasetShard, or none that exists. Declare the data with <DatasetShard Include=\"data/**/*.jsonl\" />.");
        }

        InputFiles inputFiles = [];
        var statPath = Path.Combine(plan.StatePath, StatTable.FileName);
        var stats = StatTable.Load(statPath, session.Report);
        var indexer = new PoolIndexer(session, stats);
        IReadOnlyList<Stage> stages;
        Pool pool;
        try
        {
            stages = StageCatalog.Make(session, inputFiles, stats);
            var usesBase = stages.Any(stage => stage.UsesBase);
            SayWhatNoStageReads(session, "DatasetBase", usesBase ? [] : plan.Base, "ExactDedup or NearDedup");
            SayWhatNoStageReads(session, "DatasetEvaluation", stages.Any(stage => stage is DecontaminateStage) ? [] : plan.Evaluation, "Decontaminate");
            new InputDigests(inputFiles, stats, verify: false, session.Cancel).NoteAll();
            pool = indexer.Index(plan.Shards).With(usesBase && plan.Base.Count > 0 ? indexer.Index(plan.Base) : null);
        }
        finally
        {
            // What was read is known, even when another shard stopped the build.
            if (session.Trial is null)
            {
                Directory.CreateDirectory(plan.StatePath);
                stats.Forget(path => !File.Exists(path));
                stats.Save(statPath, session.Report);
            }
        }

        var analysis = new Analysis(session, pool) { InputFiles = inputFiles.Seen, Stages = stages, Parsed = indexer.Parsed };
        analysis.SayWhatIsBlank();
        analysis.HandleInvalid();
        return analysis;
    }

    /// <summary>The records that all stages kept, ascending.</summary>
    public int[] Selected()
    {
        var selected = new int[Fates.Kept];
        var drops = Fates.DropsIn(0, Pool.Count);
        for (int record = 0, next = 0; next < selected.Length; record++)
        {
            // Written always and counted where it is kept: no branch to be guessed wrong.
            selected[next] = record;
            next += drops[record] == 0 ? 1 : 0;
        }

        return selected;
    }

    /// <summary>Whether a record was dropped for one that a chain of resemblances leads to, which it need not resemble itself.</summary>
    internal bool IsChained(int record) =>
        Fates.Reason(record) == DropReason.NearDuplicate && Stages[Fates.DroppedBy(record)] is NearDedupStage { Linkage: LinkageKind.Connected };

    private static void RefuseMissing(Plan plan, string item, IReadOnlyList<PlanShard> files)
    {
        if (files.FirstOrDefault(file => UnusableFile.Describe(file.FullPath) is not null) is { } missing)
        {
            throw ItemLocation.OfFile(plan.Project, item, missing.FullPath, plan.ProjectDirectory).Fail(
                ProjectCodes.MissingFile, $"{item}: '{plan.Display(missing.FullPath)}' cannot be read: {UnusableFile.Describe(missing.FullPath)}. Check its path, relative to the project.");
        }
    }

    /// <summary>Whoever names such files expects something of them: that nothing comes of it must not pass in silence.</summary>
    private static void SayWhatNoStageReads(BuildSession session, string item, IReadOnlyList<PlanShard> files, string readers)
    {
        if (files.Count > 0)
        {
            session.Report(ItemLocation.OfFile(session.Plan.Project, item, files[0].FullPath, session.Plan.ProjectDirectory).Say(
                Severity.Warning, ProjectCodes.UnusedFiles, $"{item} names {files.Count} file(s), the first '{files[0].Name}', but no stage reads them: the subset is the same without. Add a stage of the kind {readers}, or remove them."));
        }
    }

    private void HandleInvalid()
    {
        var ofBase = Pool.Base?.InvalidCount ?? 0;
        var count = InvalidCount + ofBase;
        if (count == 0)
        {
            return;
        }

        if (Session.Settings.OnInvalidRecord == OnInvalidRecord.Quarantine)
        {
            if (ofBase > 0)
            {
                Session.Report(new Diagnostic(
                    Severity.Warning, DataCodes.UnreadableBase, $"of DatasetBase {Unread(Pool.Base!).Text} cannot be read: duplicates of it are not found. `dotnet dataset check` on the files says why.", Session.Plan.Project));
            }

            if (InvalidCount == 0)
            {
                return;
            }

            var (unread, isSeveral) = Unread(Pool);
            Session.Report(new Diagnostic(
                Severity.Warning, DataCodes.Quarantined, $"{unread} cannot be read and {(isSeveral ? "are" : "is")} set aside in {Path.Combine(Session.Plan.ReportPath, "quarantine.jsonl")}, each with its reason.", Session.Plan.Project));
            return;
        }

        var reported = 0;
        foreach (var shard in Pool.Shards.Concat(Pool.Base?.Shards ?? []))
        {
            foreach (var invalid in shard.Invalid)
            {
                if (reported++ == MaxReported)
                {
                    Session.Report(new Diagnostic(
                        Severity.Error, DataCodes.TooManyInvalid, $"{(Pool.Shards.Any(IsGivenUp) ? "at least " : "")}{count - MaxReported} more records cannot be read. `dotnet dataset check` lists them all.", Session.Plan.Project));
                    throw new BuildFailedException();
                }

                Session.Report(new Diagnostic(Severity.Error, invalid.Code, invalid.Message, shard.Declared.FullPath, invalid.Line, invalid.Column));
            }
        }

        throw new BuildFailedException();
    }

    private static bool IsGivenUp(PoolShard shard) => shard.Invalid.Any(invalid => invalid.Code == DataCodes.TooManyInvalid);

    /// <summary>What cannot be read, in words, and whether it is more than one thing: a shard of which nothing is a record counts as one shard and not as one record.</summary>
    private static (string Text, bool IsSeveral) Unread(Pool pool)
    {
        var shards = pool.Shards.Where(shard => shard.Invalid is [{ IsWholeShard: true }]).Select(shard => shard.Name).ToList();
        var records = pool.InvalidCount - shards.Count;
        var whole = shards.Count switch
        {
            0 => "",
            1 => $"the whole shard '{shards[0]}'",
            _ => $"{shards.Count} whole shards, the first '{shards[0]}',",
        };
        var single = records == 1 ? "1 record" : $"{records} records";
        return (records == 0 ? whole : shards.Count == 0 ? single : $"{single} and {whole}", pool.InvalidCount > 1);
    }

    private void SayWhatIsBlank()
    {
        if (Pool.Base is { Count: 0, InvalidCount: 0 })
        {
            var more = Session.Plan.Base.Count - 1;
            Session.Report(ItemLocation.Any(Session.Plan.Project, "DatasetBase").Say(
                Severity.Warning,
                DataCodes.EmptyBase,
                $"DatasetBase holds no record ('{Session.Plan.Display(Session.Plan.Base[0].FullPath)}'{(more > 0 ? $" and {more} more" : "")}): no duplicate of it can be found. Look at its files, or at what the dataset selects that they come from."));
        }

        foreach (var file in Stages.OfType<DecontaminateStage>().FirstOrDefault()?.Evaluation.Files.Where(file => file.IsBlank && !IsEmptyPart(file.Declared)).Take(MaxReported) ?? [])
        {
            Session.Report(new Diagnostic(
                Severity.Warning, DataCodes.BlankEvaluation, "this evaluation file holds no word: nothing is found to be of it. Get the file again, look at its Fields, or take it out of the project.", file.Declared.FullPath, 1, 1));
        }

        foreach (var shard in Pool.Shards.Concat(Pool.Base is { Count: > 0 } ofBase ? ofBase.Shards : []).Where(shard => shard.IsBlank).Take(MaxReported))
        {
            Session.Report(PoolShard.BlankWarning(shard.Declared.FullPath));
        }
    }

    /// <summary>Whether a file is empty as one of a subset may well be, since hashes deal out its records.</summary>
    private static bool IsEmptyPart(PlanShard file) => OutputFile.IsName(Path.GetFileName(file.FullPath)) && new FileInfo(file.FullPath) is { Exists: true, Length: 0 };

    private void RunStages()
    {
        var outcomes = new List<StageOutcome>();
        var summaries = new List<StageSummary>();
        foreach (var stage in Stages)
        {
            Session.Cancel.ThrowIfCancellationRequested();
            var entered = Selected();
            var context = new StageContext(Session, Pool, Fates, outcomes.Count, entered);
            var outcome = stage.Run(context);
            outcomes.Add(outcome);
            summaries.Add(Summarize(stage, context, outcome));
            Session.StageDone(summaries[^1]);
        }

        Outcomes = outcomes;
        Summaries = summaries;
        if (Pool.Count == 0)
        {
            Session.Report(ItemLocation.Any(Session.Plan.Project, "DatasetShard").Say(
                Severity.Warning, DataCodes.EmptyResult, "no record is left: the shards hold none that can be read. The subset is empty. Look at what DatasetShard names."));
        }
        else if (Fates.Kept == 0)
        {
            var last = summaries.Last(summary => summary.Entered > 0).Name;
            Session.Report(Session.Plan.LocationOf(last).Say(
                Severity.Warning, DataCodes.EmptyResult, $"no record is left: the stage '{last}' dropped the last ones. The subset is empty. Look at that stage's limits."));
        }
    }

    private StageSummary Summarize(Stage stage, StageContext context, StageOutcome outcome)
    {
        var states = outcome.States is null ? [] : outcome.States.AsSpan();
        var missing = states.Length - states.Count(Scores.NotEntered) - states.Count(Scores.HasValue);
        var kept = Fates.Kept;
        var dropped = Fates.CountReasons(context.Number);
        var reasons = new List<ReasonCount>();
        for (var reason = 0; reason < dropped.Length; reason++)
        {
            if (dropped[reason] > 0 && (DropReason)reason == DropReason.Missing)
            {
                reasons.AddRange(MissingValues.Reasons(context, outcome.States));
            }
            else if (dropped[reason] > 0)
            {
                reasons.Add(new ReasonCount(DropReasons.Describe((DropReason)reason), dropped[reason]));
            }
        }

        return new StageSummary(stage.Name, stage.Kind, context.Entered.Length, kept, context.Entered.Length - kept, missing, outcome.Facts.Scored, outcome.Facts.Cached)
        {
            Reasons = reasons,
            Marked = outcome.Marked,
        };
    }
}
