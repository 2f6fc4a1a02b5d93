using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <content>Dropping stored scores, and counting them.</content>
public sealed partial class ScoreTable
{
    private const int MaxAttempts = 4;

    /// <summary>
    /// Drops the stored scores of some records, for all builds that use this store; those of other records stay. It is done as a whole or not at all,
    /// whatever ends the process. What another process has scored and not sealed yet comes back with its segment: where it says otherwise than
    /// what is scored next, both are discarded as any conflict.
    /// </summary>
    /// <param name="sortedKeys">Ascending.</param>
    /// <exception cref="DatasetException"><see cref="CacheCodes.CannotForget"/>: all of them are as they were.</exception>
    public void Forget(RecordKey[] sortedKeys)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            RefuseWhenReadOnly();
            try
            {
                // First, so that no copy of a value outlives it.
                ScoreStore.RenewGeneration(folder);
            }
            catch (Exception error) when (CacheFiles.IsFileError(error))
            {
                throw CannotForget(error.Message, error);
            }

            SealPending();
            segments.Refresh();
            if (pending.Count + answers.Count > 0)
            {
                throw CannotForget("what was scored just now cannot be written");
            }

            // Another process may merge the same segments at the same time; what it wrote is merged once more.
            for (var attempt = 0; segments.Live.Count > 0 && (attempt == 0 || (segments.Live.Count > 1 && attempt < MaxAttempts)); attempt++)
            {
                if (!TryMerge(Guid.NewGuid(), segments.Live, null, null, key => Array.BinarySearch(sortedKeys, key) >= 0))
                {
                    throw CannotForget("a segment without them cannot be written");
                }
            }
        }
    }

    /// <summary>How many records the store knows a value of, or why they have none.</summary>
    public long CountKeys()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            List<EntrySource> sources = [.. Sources(segments.Live), new EntrySource(pending, Width, droppable: false), new EntrySource(answers.ToBuffer(), Width, droppable: false)];
            try
            {
                return CountKeys(sources);
            }
            finally
            {
                sources.ForEach(source => source.Dispose());
            }
        }
    }

    private static long CountKeys(List<EntrySource> sources)
    {
        long count = 0;
        var active = sources.Where(source => source.MoveToBlock()).ToList();
        while (active.Count > 0)
        {
            var key = active[0].Head;
            foreach (var source in active)
            {
                key = source.Head < key ? source.Head : key;
            }

            count++;
            foreach (var source in active)
            {
                source.Advance(source.Head == key ? 1 : 0);
            }

            active.RemoveAll(source => !source.MoveToBlock());
        }

        return count;
    }

    private DatasetException CannotForget(string why, Exception? inner = null) => new(
        CacheCodes.CannotForget, $"The stored scores cannot be dropped: {why}. Check the permissions of the cache and the room on its disk.", folder, inner: inner);
}
