namespace DatasetBuild.Pipeline;

/// <summary>Single records of the pool and of its base, read again for people. A record of the base goes by its number there behind all of the pool.</summary>
internal static class RecordTexts
{
    /// <summary>The canonical conversations of some records, in their order.</summary>
    public static List<byte[]> Canonical(BuildSession session, Pool pool, IReadOnlyList<int> numbers)
    {
        var texts = new byte[numbers.Count][];
        for (var i = 0; i < texts.Length; i++)
        {
            var (holder, record) = pool.Locate(numbers[i]);
            new RecordScan(session, holder).Conversations([record], (_, batch) => texts[i] = batch.Canonical(0).ToArray());
        }

        return [.. texts];
    }

    /// <summary>Where a record stands, as <c>shard:line</c>.</summary>
    public static string PlaceOf(BuildSession session, Pool pool, int number)
    {
        var (holder, record) = pool.Locate(number);
        var shard = holder.ShardOf(record);
        return $"{shard.Name}:{PoolIndexer.Load(session, shard).LineOf(record - shard.First)}";
    }
}
