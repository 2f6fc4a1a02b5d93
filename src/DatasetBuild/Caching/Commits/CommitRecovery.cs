using System.Security.Cryptography;

namespace DatasetBuild.Caching;

/// <summary>Carries out a journal, for the first time or after a kill. The folder is held by the caller.</summary>
internal static class CommitRecovery
{
    internal static IEnumerable<string> Temporaries(string state) =>
        Directory.EnumerateFiles(state, "*" + CacheFiles.TemporarySuffix).Where(path => CommitPlan.IsTemporary(Path.GetFileName(path)) || IsJournalTemporary(path));

    /// <summary>Does all that a journal says, in an order that <see cref="Run"/> can take up anywhere.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="plan">What the journal says.</param>
    /// <param name="step">For tests.</param>
    /// <param name="undo">Learns what is replaced; null where some of it was replaced before.</param>
    internal static void Perform(string folder, CommitPlan plan, Action<string>? step, CommitUndo? undo = null)
    {
        var state = Path.Combine(folder, OutputPaths.StateFolder);
        foreach (var file in plan.Files.SkipLast(1))
        {
            Rename(folder, state, file, step, undo);
        }

        foreach (var name in plan.Deletions)
        {
            CommitJournal.RefuseLink(folder, name);
            undo?.Keep(name, null);
            step?.Invoke($"delete {name}");
            var path = OutputPaths.Combine(folder, name);
            if (Directory.Exists(Path.GetDirectoryName(path)))
            {
                File.Delete(path);
                RemoveEmptyFolders(folder, name);
            }
        }

        Rename(folder, state, plan.Files[^1], step, undo);
        undo?.Forget();
        step?.Invoke("remove journal");
        File.Delete(Path.Combine(state, CommitJournal.JournalName));
        step?.Invoke("done");
    }

    internal static RecoveryOutcome Run(string folder, Action<Diagnostic>? warn, Action<string>? step)
    {
        var state = Path.Combine(folder, OutputPaths.StateFolder);
        var journal = Path.Combine(state, CommitJournal.JournalName);
        var outcome = File.Exists(journal) ? RunJournal(folder, state, journal, step) : RecoveryOutcome.Clean;

        // The folder is held, so whoever wrote these is dead.
        foreach (var path in Temporaries(state).ToList())
        {
            File.Delete(path);
        }

        if (outcome != RecoveryOutcome.Clean)
        {
            warn?.Invoke(Told(folder, outcome));
        }

        return outcome;
    }

    private static RecoveryOutcome RunJournal(string folder, string state, string journal, Action<string>? step)
    {
        var plan = CommitPlan.TryRead(journal, null);
        if (plan is null)
        {
            // Nobody knows what it had done already.
            return GiveUp(folder, journal, CommitJournal.ManifestName, touched: true, step);
        }

        var manifest = plan.Files[^1].Target;
        if (plan.Files.Select(file => file.Target).Concat(plan.Deletions).Any(name => !OutputPaths.HasRealFolders(folder, name) || Directory.Exists(OutputPaths.Combine(folder, name))))
        {
            return GiveUp(folder, journal, manifest, touched: true, step);
        }

        var renamed = 0;
        var lost = 0;
        foreach (var file in plan.Files)
        {
            var ready = Holds(Path.Combine(state, file.Temporary), file);
            var done = !ready && Holds(OutputPaths.Combine(folder, file.Target), file);
            renamed += done ? 1 : 0;
            if (done)
            {
                // What still bears the temporary's name is something else, and would replace what is done.
                CacheFiles.TryDelete(Path.Combine(state, file.Temporary));
            }

            lost += ready || done ? 0 : 1;
        }

        if (lost > 0)
        {
            var touched = renamed > 0 || plan.Deletions.Any(name => !File.Exists(OutputPaths.Combine(folder, name)));
            return GiveUp(folder, journal, manifest, touched, step);
        }

        Perform(folder, plan, step);
        return RecoveryOutcome.Finished;
    }

    private static RecoveryOutcome GiveUp(string folder, string journal, string manifest, bool touched, Action<string>? step)
    {
        // The manifest goes first: without it no mixture passes for a build.
        if (touched && OutputPaths.IsSafe(manifest) && OutputPaths.HasRealFolders(folder, manifest))
        {
            step?.Invoke("remove manifest");
            CacheFiles.TryDelete(OutputPaths.Combine(folder, manifest));
        }

        step?.Invoke("remove journal");
        File.Delete(journal);
        return touched ? RecoveryOutcome.NotBuilt : RecoveryOutcome.Discarded;
    }

    private static void Rename(string folder, string state, CommitEntry file, Action<string>? step, CommitUndo? undo)
    {
        // Checked again and last: the folder may have been replaced by a link meanwhile.
        CommitJournal.RefuseLink(folder, file.Target);
        var temporary = Path.Combine(state, file.Temporary);
        var target = OutputPaths.Combine(folder, file.Target);
        if (File.Exists(temporary))
        {
            undo?.Keep(file.Target, file.Temporary);
            step?.Invoke($"rename {file.Target}");
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(temporary, target, overwrite: true);
        }
        else if (!Holds(target, file))
        {
            throw new FileNotFoundException($"'{file.Temporary}' vanished before it was put in place.", temporary);
        }
    }

    private static bool Holds(string path, CommitEntry file)
    {
        if (!FileStamp.TryOf(path, out var stamp) || stamp.Size != file.Length || new FileInfo(path).LinkTarget is not null)
        {
            return false;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 17);
        return string.Equals(Convert.ToHexStringLower(SHA256.HashData(stream)), file.Sha256, StringComparison.OrdinalIgnoreCase);
    }

    internal static void RemoveEmptyFolders(string folder, string name)
    {
        for (var end = name.LastIndexOf('/'); end > 0; end = name.LastIndexOf('/', end - 1))
        {
            try
            {
                Directory.Delete(OutputPaths.Combine(folder, name[..end]));
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
                return;
            }
        }
    }

    private static bool IsJournalTemporary(string path) => Path.GetFileName(path).StartsWith(CommitJournal.JournalName + ".", StringComparison.Ordinal);

    private static Diagnostic Told(string folder, RecoveryOutcome outcome) => outcome switch
    {
        RecoveryOutcome.Finished => new Diagnostic(Severity.Message, CacheCodes.CommitFinished, "An interrupted build had all its output ready; its commit was finished.", folder),
        RecoveryOutcome.Discarded => new Diagnostic(
            Severity.Warning, CacheCodes.CommitDiscarded, "An interrupted build left incomplete output, which was discarded; the output before it is untouched.", folder),
        _ => new Diagnostic(
            Severity.Warning, CacheCodes.CommitDiscarded, "An interrupted build left output that cannot be completed; the folder counts as not built until this build ends.", folder),
    };
}
