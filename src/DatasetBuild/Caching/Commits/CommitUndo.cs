namespace DatasetBuild.Caching;

/// <summary>
/// What a commit has done so far, so that it can be taken back when the system refuses one of its steps. What the new files replace keeps a second name among
/// the commit's temporaries until the end. A kill while it is taken back leaves what a kill in the commit leaves: each new file bears its temporary's name again
/// before the old one gets its place, and the next build finishes.
/// </summary>
internal sealed class CommitUndo(string folder)
{
    private readonly string state = Path.Combine(folder, OutputPaths.StateFolder);
    private readonly Stack<Replaced> done = [];
    private bool isOver;

    /// <summary>Keeps what stands under a target that is about to be replaced or deleted.</summary>
    /// <param name="target">Relative to the folder.</param>
    /// <param name="temporary">The name of what takes its place; null where nothing does.</param>
    internal void Keep(string target, string? temporary)
    {
        var path = OutputPaths.Combine(folder, target);
        var wasThere = File.Exists(path);
        var kept = Path.Combine(state, $".kept.{CacheFiles.RandomName()[..16]}{CacheFiles.TemporarySuffix}");
        done.Push(new Replaced(target, temporary is null ? null : Path.Combine(state, temporary), wasThere, wasThere && HardLink.TryCreate(path, kept) ? kept : null));
    }

    /// <summary>Puts everything as it was; false where the system refuses that too, or has no second names for files, or all was done.</summary>
    internal bool TryRun()
    {
        try
        {
            while (!isOver && done.TryPeek(out var file))
            {
                if (!TryPutBack(file))
                {
                    return false;
                }

                done.Pop();
            }

            return !isOver;
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            return false;
        }
    }

    /// <summary>Lets go of what was replaced, now that there is nothing to take back; what cannot be deleted the next build deletes.</summary>
    internal void Forget()
    {
        foreach (var file in done)
        {
            Forget(file);
        }

        done.Clear();
        isOver = true;
    }

    private bool TryPutBack(Replaced file)
    {
        var path = OutputPaths.Combine(folder, file.Target);
        var wasReached = file.Temporary is null ? file.WasThere && !File.Exists(path) : !File.Exists(file.Temporary);
        if (wasReached && file.WasThere && file.Kept is null)
        {
            return false;
        }

        if (wasReached && file.Temporary is not null)
        {
            File.Move(path, file.Temporary, overwrite: true);
            if (!file.WasThere)
            {
                CommitRecovery.RemoveEmptyFolders(folder, file.Target);
            }
        }

        if (wasReached && file.Kept is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(file.Kept, path, overwrite: true);
        }

        Forget(file);
        return true;
    }

    private static void Forget(Replaced file)
    {
        if (file.Kept is not null)
        {
            CacheFiles.TryDelete(file.Kept);
        }
    }

    /// <summary>One target, the full path that its new content had before, whether there was an old one, and the second name that this got; null where there is none.</summary>
    private sealed record Replaced(string Target, string? Temporary, bool WasThere, string? Kept);
}
