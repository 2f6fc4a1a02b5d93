using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>Large files besides the shards, by content: one whose stamp is known is not opened.</summary>
internal sealed class InputDigests(InputFiles files, StatTable stats, bool verify, CancellationToken cancel)
{
    /// <summary>The file's content, and the stamp that it had before it was read; null where it cannot be read.</summary>
    public (ContentDigest Digest, FileStamp Stamp)? TryOf(string fullPath)
    {
        var file = files.Add(fullPath);
        if (!verify && stats.TryGet(fullPath, file.Stamp, out var known))
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
