using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>Large files besides the shards, by content: one whose stamp is known is not opened.</summary>
internal sealed class InputDigests(InputFiles files, StatTable stats, bool verify, CancellationToken cancel)
{
    /// <summary>The content of a file that was read before and has not changed since; null where it is to be read.</summary>
    public ContentDigest? TryKnown(string fullPath) =>
        !verify && stats.TryGet(fullPath, files.Add(fullPath).Stamp, out var known) ? known : null;

    /// <summary>Takes note of what was read of a file, if that is what it still holds.</summary>
    public void Note(string fullPath, ContentDigest digest)
    {
        var file = files.Add(fullPath);
        if (FileStamp.TryOf(fullPath, out var after) && after == file.Stamp)
        {
            stats.Set(fullPath, file.Stamp, digest, file.Racy);
        }
    }

    /// <summary>Takes note of the content of every file: one that is only touched is then known for what it was.</summary>
    public void NoteAll()
    {
        foreach (var file in files.Seen.ToList())
        {
            if (!file.IsAbsent)
            {
                TryOf(file.Path); // also one that was noted under a stamp that says too little: that may have been another content
            }
        }
    }

    /// <summary>The file's content, and the stamp that it had before it was read; null where it cannot be read.</summary>
    public (ContentDigest Digest, FileStamp Stamp)? TryOf(string fullPath)
    {
        var file = files.Add(fullPath);
        if (TryKnown(fullPath) is { } known)
        {
            return (known, file.Stamp);
        }

        if (ContentDigest.TryOfFile(fullPath, cancel) is not { } digest || !FileStamp.TryOf(fullPath, out var after) || after != file.Stamp)
        {
            return null;
        }

        stats.Set(fullPath, file.Stamp, digest, file.Racy);
        return (digest, file.Stamp);
    }
}
