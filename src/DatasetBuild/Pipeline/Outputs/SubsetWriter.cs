using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Copies the selected records into their output files, shard by shard in canonical order, each file once. Lines keep their bytes (schema
/// Source) wherever they can; neighbours are copied as one stretch.
/// </summary>
internal sealed class SubsetWriter(BuildSession session, Pool pool, OutputPlan plan)
{
    /// <summary>Files from about this size on are written past the page cache: a smaller subset is soon read again, and found there.</summary>
    private const long LeastDirect = 64 << 20;

    private const int LeastDirectBuffer = 1 << 20;

    /// <summary>Writes lines to those files that have a stream; a null stands for a file that is up to date.</summary>
    public void Write(CommitStream?[] files)
    {
        // So written, each buffer waits for the disk: small ones are better gathered by the system.
        var room = (32 << 20) / Math.Max(1, files.Count(file => file is not null));
        var isDirect = room >= LeastDirectBuffer && plan.Bytes / Math.Max(1, plan.Files.Count) >= LeastDirect;
        var bufferSize = Math.Clamp(room, DirectWriting.Alignment, isDirect ? 2 * LeastDirectBuffer : 1 << 18) & -DirectWriting.Alignment;
        if (isDirect)
        {
            Array.ForEach(files, file => file?.WriteDirectly());
        }

        var targets = Array.ConvertAll(files, file => file is null ? null : new BufferedLines(file, bufferSize, beside: session.Settings.Threads > 1));
        CopyAll(targets);
        foreach (var target in targets)
        {
            target?.Flush();
        }
    }

    private void CopyAll(BufferedLines?[] targets)
    {
        var selected = plan.Selected;
        var i = 0;
        while (i < selected.Length)
        {
            var shard = pool.ShardOf(selected[i]);
            var to = i;
            var isNeeded = false;
            for (; to < selected.Length && selected[to] < shard.First + shard.Count; to++)
            {
                isNeeded |= targets[plan.FileOf(to)] is not null;
            }

            if (isNeeded)
            {
                session.Cancel.ThrowIfCancellationRequested();
                session.KeepMemory();
                CopyShard(shard, i, to, targets);
                session.Progress("Write", to, selected.Length);
            }

            i = to;
        }
    }

    private void CopyShard(PoolShard shard, int from, int to, BufferedLines?[] targets)
    {
        var index = PoolIndexer.Load(session, shard);
        try
        {
            using var lines = new LineFormatter(plan, shard, index);
            using var fetcher = new RecordFetcher(shard.Declared.FullPath, index.IsGzip);
            for (var i = from; i < to;)
            {
                i += targets[plan.FileOf(i)] is { } target ? CopyOne(i, to, shard, index, fetcher, lines, target) : 1;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or InvalidRecordException)
        {
            // It was read before; what cannot be written is told by the file that is written to.
            throw PoolIndexer.Changed(shard.Declared, "a record can no longer be read", error);
        }

        PoolIndexer.RefuseChanged(shard);
    }

    /// <summary>Copies one record, or a stretch of neighbours; returns how many.</summary>
    private int CopyOne(int i, int to, PoolShard shard, ShardIndex index, RecordFetcher fetcher, LineFormatter lines, BufferedLines target)
    {
        var place = plan.Selected[i] - shard.First;
        var count = Stretch(i, to, place, index);
        var last = place + count - 1;
        var bytes = fetcher.Fetch(index.Offsets[place], (int)(index.Offsets[last] + index.Lengths[last] - index.Offsets[place]));
        for (var record = place; record <= last; record++)
        {
            if (XxHash64.Hash(bytes.Slice((int)(index.Offsets[record] - index.Offsets[place]), index.Lengths[record])) != index.ContentHashes[record])
            {
                throw PoolIndexer.Changed(shard.Declared, $"the record on line {index.Lines[record]} has other bytes");
            }
        }

        if (count > 1 && bytes.Contains((byte)'\r'))
        {
            // A carriage return between tokens is white space to JSON and a line end to some readers: such lines are mended one by one.
            count = 1;
            bytes = bytes[..index.Lengths[place]];
        }

        target.Write(count > 1 ? bytes : lines.Format(bytes, place));
        target.Write("\n"u8);
        return count;
    }

    /// <summary>How many selected records from <paramref name="i"/> on are neighbours in the shard, with one line feed between, and go to one file as they are.</summary>
    private int Stretch(int i, int to, int place, ShardIndex index)
    {
        const int MaxStretchBytes = 1 << 18;
        var count = 1;
        if (plan.Schema != OutputSchema.Source || index.Container != Container.Lines || index.Traits[place].HasFlag(RecordTraits.SharesLine))
        {
            return count;
        }

        while (i + count < to
            && plan.Selected[i + count] - plan.Selected[i] == count
            && plan.FileOf(i + count) == plan.FileOf(i)
            && index.Offsets[place + count] == index.Offsets[place + count - 1] + index.Lengths[place + count - 1] + 1
            && !index.Traits[place + count].HasFlag(RecordTraits.SharesLine)
            && index.Offsets[place + count] + index.Lengths[place + count] - index.Offsets[place] <= MaxStretchBytes)
        {
            count++;
        }

        return count;
    }
}
