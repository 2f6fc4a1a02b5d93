using System.Diagnostics;
using DatasetBuild.Caching;
using DatasetBuild.Reporting;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>What a build did.</summary>
public sealed record BuildResult(
    bool UpToDate, int Records, int Kept, IReadOnlyList<string> Outputs, IReadOnlyList<string> Reports, string Manifest, IReadOnlyList<StageSummary> Stages)
{
    /// <summary>What the build that made the subset warned of, where this one had nothing to do: to be said again.</summary>
    public IReadOnlyList<Diagnostic> Warnings { get; init; } = [];

    /// <summary>What a build comes to that finds everything as the last one left it.</summary>
    public static BuildResult Of(LastBuild last) => new(
        true,
        last.Records,
        last.Kept,
        [.. last.Outputs.Select(file => file.Path)],
        [.. last.Reports.Select(file => file.Path)],
        Path.Combine(last.Folders.Output, Reporting.Manifest.RelativePath),
        [])
    {
        Warnings = last.Warnings,
    };
}

/// <summary>
/// One build of one plan: nothing if nothing changed, else index, stages, write, commit. The subset changes as a whole or not at all.
/// </summary>
public static class DatasetBuilder
{
    /// <summary>The result of the last build, if everything is as it left it; reads no plan and opens no shard.</summary>
    public static BuildResult? TryUpToDate(string planPath, string statePath, out string difference)
    {
        difference = "it was not built before";
        if (LastBuild.Load(statePath) is not { } last || !File.Exists(planPath))
        {
            return null;
        }

        try
        {
            var plan = ContentDigest.Of(File.ReadAllBytes(planPath));
            return last.IsCurrent(plan, out difference) ? TrySettle(last, statePath) : null;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            // A build says what is wrong, and where.
            difference = error.Message;
            return null;
        }
    }

    /// <summary><see cref="Build"/>, unless <see cref="TryTouched"/> finds that there is nothing to build or to score again.</summary>
    /// <inheritdoc cref="Build"/>
    public static BuildResult BuildIfChanged(Plan plan, IBuildObserver observer, CancellationToken cancel, IReadOnlyCollection<string>? rescore = null, ILanguageModelLoader? models = null) =>
        (Rescoring.Find(plan, rescore ?? []).Count == 0 ? TryTouched(plan, observer, cancel) : null) ?? Build(plan, observer, cancel, rescore, models);

    /// <summary>The result of the last build, if inputs have other time stamps since but the same content, and nothing else changed: the stamps are noted anew.</summary>
    /// <param name="plan">The evaluated project.</param>
    /// <param name="observer">Hears how many files were compared.</param>
    /// <param name="cancel">The wish to stop.</param>
    /// <exception cref="OperationCanceledException">The comparing was stopped.</exception>
    public static BuildResult? TryTouched(Plan plan, IBuildObserver observer, CancellationToken cancel)
    {
        try
        {
            return TouchedInputs.TryPassOver(plan, observer, cancel) is { } last ? TrySettle(last, plan.StatePath) : null;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            // What cannot be noted is built, which says what is wrong.
            return null;
        }
    }

    /// <summary>Puts away what killed builds left, and gives the result of the last one, unless a killed one was about to replace it.</summary>
    private static BuildResult? TrySettle(LastBuild last, string statePath)
    {
        if (CommitJournal.Recover(last.Folders.Output) != RecoveryOutcome.Clean)
        {
            return null;
        }

        RemoveStrayTemporaries(statePath, last.Folders);
        return BuildResult.Of(last);
    }

    /// <param name="plan">The evaluated project.</param>
    /// <param name="observer">Hears what happens.</param>
    /// <param name="cancel">The wish to stop.</param>
    /// <param name="rescore">Stages whose stored scores are dropped first, see <see cref="Rescoring"/>.</param>
    /// <param name="models">Opens language models; null where the host has no engine for them.</param>
    /// <exception cref="DatasetException">Something in the plan, the data or the disk must be mended first.</exception>
    /// <exception cref="BuildFailedException">The same, already reported.</exception>
    /// <exception cref="OperationCanceledException">The build was stopped; the scores that are done are kept.</exception>
    public static BuildResult Build(Plan plan, IBuildObserver observer, CancellationToken cancel, IReadOnlyCollection<string>? rescore = null, ILanguageModelLoader? models = null)
    {
        HugePages.AskForHeap();
        using var live = LiveBuild.Begin(plan.CachePath);
        var clock = Stopwatch.StartNew();
        try
        {
            OutputFolders.RefuseBlocked(plan);
            CommitJournal.Recover(plan.OutputPath, observer.Report);
            RemoveStrayTemporaries(plan.StatePath, FoldersOf(plan));
            var analysis = Analysis.Run(plan, observer, cancel, rescore, models);
            var output = new OutputPlan(analysis.Session, analysis.Pool, analysis.Selected(), () => ClusterKeys.Of(analysis));
            using var report = new ReportWriter(analysis, output);
            report.Prepare(); // what cannot be reported is not committed, nor what cannot be remembered
            PrivateFile.TryOut(plan.StatePath);
            var outputs = Commit(analysis, output);
            var reports = report.Publish(clock.Elapsed);
            Remember(analysis, outputs, reports);
            KnownProject.Note(plan.CachePath, plan.Project, plan.StatePath, analysis.Session.CacheUse, analysis.Session.Report);
            CacheLimit.EnforceDaily(plan.CachePath, warn: analysis.Session.Report);
            return new BuildResult(
                false,
                analysis.Pool.Count,
                analysis.Fates.Kept,
                [.. outputs.Select(file => file.Path)],
                [.. reports.Select(file => file.Path)],
                ManifestPath(plan.OutputPath),
                analysis.Summaries);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                ProjectCodes.CannotWrite, $"a file cannot be read or written ({error.Message}). Check the disk and the permissions; the next build brings subset and report in order.", plan.Project, inner: error);
        }
    }

    private static BuildFolders FoldersOf(Plan plan) => new(plan.OutputPath, plan.ReportPath, plan.CachePath);

    /// <summary>What killed builds left goes even when there is nothing else to do; the output folder is the journal's.</summary>
    private static void RemoveStrayTemporaries(string statePath, BuildFolders folders)
    {
        StrayTemporaries.Remove(statePath);
        StrayTemporaries.Remove(folders.Report);
        StrayTemporaries.RemoveFromCache(folders.Cache);
    }

    private static string ManifestPath(string outputPath) => Path.Combine(outputPath, Manifest.RelativePath);

    /// <summary>Puts the subset in place; returns its files with the stamps that they had while no other build could touch them.</summary>
    private static List<WrittenFile> Commit(Analysis analysis, OutputPlan output)
    {
        var session = analysis.Session;
        var folder = session.Plan.OutputPath;
        PreviousOutputs.RefuseForeign(session.Plan, [.. output.Files.Select(file => file.Path), "README.md", "dataset_info.json"]);
        using var journal = CommitJournal.Begin(folder, session.Report);
        PreviousOutputs.RefuseOther(session.Plan, session.Settings.Name); // now that no other build can come in between
        var previous = PreviousOutputs.Load(session.Plan);
        var streams = new CommitStream?[output.Files.Count];
        var entries = new ManifestOutput[output.Files.Count];
        for (var i = 0; i < streams.Length; i++)
        {
            var file = output.Files[i];
            if (previous.Current(file) is { } kept)
            {
                entries[i] = kept;
            }
            else
            {
                streams[i] = journal.Create(file.Path);
            }
        }

        new SubsetWriter(session, analysis.Pool, output).Write(streams);
        for (var i = 0; i < streams.Length; i++)
        {
            if (streams[i] is { } stream)
            {
                stream.Dispose();
                entries[i] = new ManifestOutput(stream.Target, stream.Digest.ToString(), stream.Length, output.Files[i].Records, output.Files[i].Recipe);
            }
        }

        var card = new SubsetCard(analysis, output);
        var written = streams.Any(stream => stream is not null);
        written |= CreateIfDifferent(journal, folder, "README.md", card.Readme());
        written |= CreateIfDifferent(journal, folder, "dataset_info.json", card.Registry());
        var files = output.Files.Select(file => file.Path).Concat(["README.md", "dataset_info.json", Manifest.RelativePath]).ToList();
        foreach (var stale in PreviousOutputs.DataFilesIn(folder).Except(files, StringComparer.Ordinal))
        {
            journal.Delete(stale);
            written = true;
        }

        // The manifest is part of every commit: its rename is what completes one.
        written |= CreateIfDifferent(journal, folder, Manifest.RelativePath, card.Manifest(entries).ToJson(), always: written);
        if (written)
        {
            session.Cancel.ThrowIfCancellationRequested();
            journal.Commit(Manifest.RelativePath);
        }

        // Of the data files it is known what they say.
        return [
            .. files.Zip(entries, (file, entry) => new WrittenFile(Path.Combine(folder, file), StampOf(Path.Combine(folder, file)), ContentDigest.Parse(entry.Sha256))),
            .. files.Skip(entries.Length).Select(file => WrittenFile.Of(Path.Combine(folder, file))),
        ];
    }

    private static bool CreateIfDifferent(CommitJournal journal, string folder, string target, byte[] content, bool always = false)
    {
        var path = Path.Combine(folder, target);
        if (!always && File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            return false;
        }

        using var stream = journal.Create(target);
        stream.Write(content);
        return true;
    }

    private static void Remember(Analysis analysis, IReadOnlyList<WrittenFile> outputs, IReadOnlyList<WrittenFile> reports)
    {
        var plan = analysis.Session.Plan;
        var inputs = analysis.Pool.Shards.Concat(analysis.Pool.Base?.Shards ?? []).Select(shard => new SeenFile(shard.Declared.FullPath, shard.Stamp, shard.WasRacy)).Concat(analysis.InputFiles);
        if (analysis.Session.Settings.VerifyInputs)
        {
            // The next build is to read them again too, whatever their stamps say.
            inputs = inputs.Select(file => file with { Racy = true });
        }

        PrivateFile.WriteIfDifferent(LastBuild.PlanPathIn(plan.StatePath), plan.Json.Span);
        new LastBuild(
            EngineVersion.Build,
            ContentDigest.Read(plan.Digest),
            FoldersOf(plan),
            analysis.Pool.Count,
            analysis.Fates.Kept,
            [.. inputs],
            outputs,
            reports)
        {
            Warnings = analysis.Session.Warnings,
        }.Save(plan.StatePath);
    }

    private static FileStamp StampOf(string path) => FileStamp.TryOf(path, out var stamp) ? stamp : default;
}
