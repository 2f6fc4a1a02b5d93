namespace DatasetBuild.Caching;

/// <summary>What <see cref="CommitJournal.Recover"/> found in an output folder.</summary>
public enum RecoveryOutcome
{
    /// <summary>No interrupted commit.</summary>
    Clean,

    /// <summary>A commit was interrupted and is now complete: the new files are there, with their manifest.</summary>
    Finished,

    /// <summary>A commit was interrupted before it changed any file and is discarded: the old files are there as they were.</summary>
    Discarded,

    /// <summary>A commit was interrupted halfway and cannot be finished: the folder is not built, and its manifest is removed.</summary>
    NotBuilt,
}

/// <summary>
/// Replaces a set of output files so that a kill at any moment leaves, after <see cref="Recover"/>, either the complete old set or the complete new one.
/// New files are written beside the old ones; a journal then names all renames and deletions with digests; the renames follow, the manifest
/// last, and the journal is deleted. One build at a time: the folder is held from <see cref="Begin"/> on.
/// </summary>
public sealed class CommitJournal : IDisposable
{
    /// <summary>The manifest's usual place, relative to the output folder.</summary>
    public const string ManifestName = OutputPaths.StateFolder + "/manifest.json";

    internal const string JournalName = "commit.journal";
    internal const string LockName = "commit.lock";
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(60);

    private readonly string folder;
    private readonly FolderLock held;
    private readonly Action<string>? step;
    private readonly Lock gate = new();
    private readonly List<CommitStream> files = [];
    private readonly SortedSet<string> deletions = new(StringComparer.Ordinal);
    private bool journaled;
    private bool ended;

    private CommitJournal(string folder, FolderLock held, Action<string>? step)
    {
        this.folder = folder;
        this.held = held;
        this.step = step;
    }

    private string StatePath => Path.Combine(folder, OutputPaths.StateFolder);

    /// <summary>Takes hold of an output folder (created when missing), after finishing or discarding what an earlier build left in it.</summary>
    /// <param name="outputFolder">The folder that all targets lie in.</param>
    /// <param name="warn">Receives what was recovered.</param>
    /// <param name="step">For tests: called before every step that changes something on disk, with the step's name.</param>
    /// <param name="wait">How long to wait for another build that holds the folder; 60 s by default.</param>
    /// <exception cref="DatasetException"><see cref="CacheCodes.OutputFolderBusy"/>, <see cref="CacheCodes.CannotCommit"/> or <see cref="CacheCodes.UnsafePath"/>.</exception>
    public static CommitJournal Begin(string outputFolder, Action<Diagnostic>? warn = null, Action<string>? step = null, TimeSpan? wait = null)
    {
        var state = Path.Combine(outputFolder, OutputPaths.StateFolder);
        FolderLock? held = null;
        try
        {
            Directory.CreateDirectory(outputFolder);
            RefuseLink(outputFolder, ManifestName);
            Directory.CreateDirectory(state);
            held = FolderLock.TryTake(Path.Combine(state, LockName), wait ?? DefaultWait) ?? throw Busy(outputFolder);
            CommitRecovery.Run(outputFolder, warn, step);
            return new CommitJournal(outputFolder, held, step);
        }
        catch (Exception error)
        {
            held?.Dispose();
            if (CacheFiles.IsFileError(error))
            {
                throw CannotCommit(outputFolder, error);
            }

            throw;
        }
    }

    /// <summary>
    /// Finishes or discards what a killed build left in an output folder, and removes its stray temporaries. A clean folder costs two look-ups and is
    /// not touched. Waits for a live build that is committing.
    /// </summary>
    /// <exception cref="DatasetException">As for <see cref="Begin"/>.</exception>
    public static RecoveryOutcome Recover(string outputFolder, Action<Diagnostic>? warn = null, Action<string>? step = null, TimeSpan? wait = null)
    {
        var state = Path.Combine(outputFolder, OutputPaths.StateFolder);
        try
        {
            if (!Directory.Exists(state) || !OutputPaths.HasRealFolders(outputFolder, ManifestName))
            {
                return RecoveryOutcome.Clean;
            }

            var journal = File.Exists(Path.Combine(state, JournalName));
            if (!journal && !CommitRecovery.Temporaries(state).Any() && !File.Exists(Path.Combine(state, LockName)))
            {
                return RecoveryOutcome.Clean;
            }

            // Temporaries without a journal may belong to a live build: they are not waited for.
            using var held = FolderLock.TryTake(Path.Combine(state, LockName), journal ? wait ?? DefaultWait : TimeSpan.Zero);
            if (held is null)
            {
                return journal ? throw Busy(outputFolder) : RecoveryOutcome.Clean;
            }

            return CommitRecovery.Run(outputFolder, warn, step);
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            throw CannotCommit(outputFolder, error);
        }
    }

    /// <summary>Whether an interrupted commit waits in an output folder to be finished or discarded.</summary>
    public static bool IsPending(string outputFolder) => File.Exists(Path.Combine(outputFolder, OutputPaths.StateFolder, JournalName));

    /// <summary>Starts a new content for a target; close the stream when it is written. Threads may write different files at the same time.</summary>
    /// <param name="target">Relative to the output folder, with <c>/</c>.</param>
    /// <exception cref="DatasetException"><see cref="CacheCodes.UnsafePath"/> or <see cref="CacheCodes.CannotCommit"/>.</exception>
    /// <exception cref="ArgumentException">The target was created or deleted in this commit already.</exception>
    public CommitStream Create(string target)
    {
        Check(target);
        lock (gate)
        {
            ThrowIfEnded();
            if (deletions.Contains(target) || files.Any(file => file.Target == target))
            {
                throw new ArgumentException($"'{target}' is named twice in one commit.", nameof(target));
            }

            // The name may be long as file systems allow: the temporary's must not be longer.
            var name = target[(target.LastIndexOf('/') + 1)..];
            var temporary = $".{name[..Math.Min(name.Length, 60)]}.{CacheFiles.RandomName()[..16]}{CacheFiles.TemporarySuffix}";
            step?.Invoke($"create {target}");
            try
            {
                var file = new CommitStream(target, temporary, Path.Combine(StatePath, temporary));
                files.Add(file);
                return file;
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
                throw CannotCommit(OutputPaths.Combine(folder, target), error);
            }
        }
    }

    /// <summary>Has a file of the old set deleted with the commit; one that is missing already is no error.</summary>
    /// <inheritdoc cref="Create" path="/exception"/>
    public void Delete(string target)
    {
        Check(target);
        lock (gate)
        {
            ThrowIfEnded();
            if (files.Any(file => file.Target == target))
            {
                throw new ArgumentException($"'{target}' is named twice in one commit.", nameof(target));
            }

            deletions.Add(target);
        }
    }

    /// <summary>
    /// Puts all created files in place and deletes what is to be deleted; the manifest comes last. When the system refuses a step, what was done is taken back; where
    /// it refuses that too, the next <see cref="Begin"/> or <see cref="Recover"/> finishes the commit.
    /// </summary>
    /// <param name="manifest">One of the created targets.</param>
    /// <exception cref="DatasetException"><see cref="CacheCodes.CannotCommit"/>.</exception>
    /// <exception cref="InvalidOperationException">A file is not closed, or the manifest was not created.</exception>
    public void Commit(string manifest = ManifestName)
    {
        lock (gate)
        {
            ThrowIfEnded();
            if (files.Find(file => !file.IsComplete) is { } unfinished)
            {
                throw new InvalidOperationException($"'{unfinished.Target}' was not closed, or not written completely.");
            }

            if (files.All(file => file.Target != manifest))
            {
                throw new InvalidOperationException($"The manifest '{manifest}' was not created.");
            }

            var entries = files.Where(file => file.Target != manifest).OrderBy(file => file.Target, StringComparer.Ordinal)
                .Concat(files.Where(file => file.Target == manifest))
                .Select(file => new CommitEntry(file.Target, file.Temporary, file.Length, file.Digest.ToString())).ToList();

            // Only what is there: a recovery takes a missing one for deleted by the commit that it looks at.
            var plan = new CommitPlan(entries, [.. deletions.Where(name => File.Exists(OutputPaths.Combine(folder, name)))]);
            var undo = new CommitUndo(folder);
            try
            {
                step?.Invoke("journal");
                plan.Write(Path.Combine(StatePath, JournalName));
                journaled = true;
                CommitRecovery.Perform(folder, plan, step, undo);
                ended = true;
            }
            catch (Exception error) when (CacheFiles.IsFileError(error) || error is DatasetException)
            {
                throw Refused(undo, error);
            }
        }
    }

    /// <summary>What to say of a step that failed, once it is known what became of the ones before it.</summary>
    private DatasetException Refused(CommitUndo undo, Exception error)
    {
        if (!journaled)
        {
            return CannotCommit(folder, error);
        }

        var isTakenBack = undo.TryRun() && CacheFiles.TryDelete(Path.Combine(StatePath, JournalName));
        journaled = !isTakenBack;
        var reason = (error as DatasetException)?.Diagnostic.Message ?? error.Message;
        var outcome = isTakenBack ? "The subset is as it was before this build." : "The subset is half changed: the next build finishes it, once that is mended.";
        return new DatasetException(
            (error as DatasetException)?.Diagnostic.Code ?? CacheCodes.CannotCommit,
            $"the output cannot be put in place ({reason}). {outcome} Free the disk or mend the permissions, or choose another DatasetOutputPath.",
            folder,
            inner: error);
    }

    /// <summary>Lets go of the folder. Without a commit, nothing remains of the created files.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var file in files)
            {
                file.Abandon();
                if (!journaled)
                {
                    CacheFiles.TryDelete(Path.Combine(StatePath, file.Temporary));
                }
            }

            files.Clear();
            ended = true;
            held.Dispose();
        }
    }

    /// <summary>Lets go of all handles as a killed process would: every file stays as it is.</summary>
    internal void Abandon()
    {
        lock (gate)
        {
            files.ForEach(file => file.Abandon());
            files.Clear();
            ended = true;
            held.Abandon();
        }
    }

    internal static void RefuseLink(string root, string target)
    {
        if (!OutputPaths.IsSafe(target) || !OutputPaths.HasRealFolders(root, target))
        {
            throw new DatasetException(
                CacheCodes.UnsafePath,
                $"'{target}' does not stay inside the output folder, or passes through a link or a file. Remove the link, or choose another DatasetOutputPath.",
                root);
        }
    }

    private void Check(string target)
    {
        RefuseLink(folder, target);
        if (CommitPlan.IsOwn(target))
        {
            throw new ArgumentException($"'{target}' is a name of the commit's own.", nameof(target));
        }
    }

    private void ThrowIfEnded() => ObjectDisposedException.ThrowIf(ended, this);

    internal static DatasetException CannotCommit(string path, Exception error) =>
        new(CacheCodes.CannotCommit, $"the output cannot be written ({error.Message}). Free the disk or mend the permissions, or choose another DatasetOutputPath.", path, inner: error);

    private static DatasetException Busy(string folder) =>
        new(CacheCodes.OutputFolderBusy, "Another build is writing to this output folder and did not end in time. Wait for it, or give each build its own DatasetOutputPath.", folder);
}
