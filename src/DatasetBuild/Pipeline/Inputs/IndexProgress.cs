using DatasetBuild.Caching;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Tells how far the reading of shards came. How many records there are in all follows from the bytes that are left; it is told to three digits, so that nobody takes it for a count.
/// </summary>
/// <param name="session">The build.</param>
/// <param name="shards">Those that are to be read.</param>
internal sealed class IndexProgress(BuildSession session, IReadOnlyList<PlanShard> shards)
{
    private readonly long size = shards.Sum(shard => FileStamp.TryOf(shard.FullPath, out var stamp) ? stamp.Size : 0);
    private long records;
    private long bytesRead;
    private long bytesKnown;

    /// <summary>A shard need not be read after all.</summary>
    public void PassOver(long bytes) => Interlocked.Add(ref bytesKnown, bytes);

    /// <summary>Some more of a shard was read; several threads call.</summary>
    /// <param name="moreRecords">How many records.</param>
    /// <param name="moreBytes">Bytes of the file.</param>
    public void Report(int moreRecords, long moreBytes)
    {
        var done = Interlocked.Add(ref records, moreRecords);
        var read = Interlocked.Add(ref bytesRead, moreBytes);
        session.Progress("Index", done, Estimate(done, read, Math.Max(0, size - Interlocked.Read(ref bytesKnown) - read)));
    }

    /// <summary>How many records there are in all, if those in the bytes that are left are as long as those that were read.</summary>
    private static long Estimate(long done, long read, long left)
    {
        if (left == 0 || read == 0 || done == 0)
        {
            return left == 0 ? done : 0;
        }

        var total = done * (1 + ((double)left / read));
        var unit = Math.Pow(10, Math.Floor(Math.Log10(total)) - 2);
        return Math.Max(done, (long)(Math.Round(total / unit) * unit));
    }
}
