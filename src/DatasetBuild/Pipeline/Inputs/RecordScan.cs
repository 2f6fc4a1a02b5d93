using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Reads chosen records of the pool again, shard by shard, on all threads. After each stretch the shard's stamp is compared with the one of its
/// index: what was read is what was indexed, or the build stops.
/// </summary>
internal sealed class RecordScan(BuildSession session, Pool pool)
{
    private const int RecordsPerUnit = 8192;
    private const int RecordsPerBatch = 512;
    private const int BytesPerBatch = 1 << 20;

    // Who reads a shard again and again need not load its index again, as long as nobody needs the memory.
    private readonly Dictionary<PoolShard, WeakReference<ShardIndex>> indexes = new(ReferenceEqualityComparer.Instance);

    /// <summary>Hands over the chosen records' conversations in batches; several threads call at the same time.</summary>
    /// <param name="records">Ascending.</param>
    /// <param name="onBatch">The numbers of a batch's records, and the batch; both reused afterwards.</param>
    public void Conversations(int[] records, Action<List<int>, ConversationBatch> onBatch)
    {
        var units = Units(records);
        session.Parallel(units.Count, number =>
        {
            Conversations(units[number]!, onBatch);

            // With its last unit a shard's index may go.
            units[number] = null;
        });
    }

    private void Conversations(Unit unit, Action<List<int>, ConversationBatch> onBatch)
    {
        using var parser = new ConversationParser(unit.Shard.Declared.Shape);
        using var batch = new ConversationBatch();
        var numbers = new List<int>(RecordsPerBatch);
        Raw(unit, (record, instance, json) =>
        {
            try
            {
                parser.Parse(json, isKnown: true);
                batch.Add(parser.Canonical(json, instance));
            }
            catch (InvalidRecordException error)
            {
                // It was a record when the index was made.
                throw PoolIndexer.Changed(unit.Shard.Declared, $"record {record} can no longer be read: {error.Message}", error);
            }

            numbers.Add(record);
            if (numbers.Count == RecordsPerBatch || batch.Bytes >= BytesPerBatch)
            {
                Flush();
            }
        });
        Flush();

        void Flush()
        {
            if (numbers.Count > 0)
            {
                session.Cancel.ThrowIfCancellationRequested();
                onBatch(numbers, batch);
                LargeArrays.LetGo(batch.Bytes); // of a record of many megabytes there were copies
                numbers.Clear();
                batch.Clear();
            }
        }
    }

    /// <summary>Reads the given records of one shard in order.</summary>
    public void Raw(PoolShard shard, int[] records, RawHandler handle) =>
        Raw(new Unit(shard, new Lazy<ShardIndex>(() => IndexOf(shard)), records, 0, records.Length), handle);

    /// <summary>The index of a shard of the pool; several threads may ask.</summary>
    public ShardIndex IndexOf(PoolShard shard)
    {
        lock (indexes)
        {
            if (indexes.TryGetValue(shard, out var known) && known.TryGetTarget(out var index))
            {
                return index;
            }
        }

        var loaded = PoolIndexer.Load(session, shard);
        lock (indexes)
        {
            indexes[shard] = new WeakReference<ShardIndex>(loaded);
        }

        return loaded;
    }

    public delegate void RawHandler(int record, int instance, ReadOnlySpan<byte> json);

    private static void Raw(Unit unit, RawHandler handle)
    {
        var shard = unit.Shard;
        var index = unit.Index.Value;
        try
        {
            using var fetcher = new RecordFetcher(shard.Declared.FullPath, index.IsGzip);
            foreach (var record in unit.Records.AsSpan(unit.From, unit.Count))
            {
                var i = record - shard.First;
                var json = fetcher.Fetch(index.Offsets[i], index.Lengths[i]);
                if (XxHash64.Hash(json) != index.ContentHashes[i])
                {
                    // Before anything is made of it: a score of other bytes would stay in the store under this record's key.
                    throw PoolIndexer.Changed(shard.Declared, $"the record on line {index.Lines[i]} has other bytes");
                }

                handle(record, index.Instances[i], json);
            }
        }
        catch (EndOfStreamException error)
        {
            throw PoolIndexer.Changed(shard.Declared, "it became shorter", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DatasetException(DataCodes.UnreadableShard, error is InvalidDataException ? ShardStream.Damaged : PoolIndexer.Unreadable(error), shard.Declared.FullPath, inner: error);
        }

        PoolIndexer.RefuseChanged(shard);
    }

    /// <summary>Cuts the chosen records into stretches of one shard each; a packed shard stays whole, since it is unpacked from the front.</summary>
    private List<Unit?> Units(int[] records)
    {
        var units = new List<Unit?>();
        var from = 0;
        while (from < records.Length)
        {
            var shard = pool.ShardOf(records[from]);
            var to = from;
            while (to < records.Length && records[to] < shard.First + shard.Count)
            {
                to++;
            }

            var index = new Lazy<ShardIndex>(() => IndexOf(shard));
            var size = to - from > RecordsPerUnit && index.Value.IsGzip ? to - from : RecordsPerUnit;
            for (; from < to; from += Math.Min(size, to - from))
            {
                units.Add(new Unit(shard, index, records, from, Math.Min(to - from, size)));
            }
        }

        return units;
    }

    private sealed record Unit(PoolShard Shard, Lazy<ShardIndex> Index, int[] Records, int From, int Count);
}
