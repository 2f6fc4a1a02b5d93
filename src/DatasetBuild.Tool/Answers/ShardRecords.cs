using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;

namespace DatasetBuild.Tool.Answers;

/// <summary>Goes through the conversations of a shard that can be read.</summary>
internal static class ShardRecords
{
    public delegate void Handler(int line, ReadOnlySpan<byte> canonical);

    /// <param name="shard">The shard.</param>
    /// <param name="index">Its index.</param>
    /// <param name="from">The first record.</param>
    /// <param name="count">How many.</param>
    /// <param name="handle">Receives the line on which a record starts, and its canonical conversation.</param>
    public static void Each(PlanShard shard, ShardIndex index, int from, int count, Handler handle)
    {
        using var fetcher = new RecordFetcher(shard.FullPath, index.IsGzip);
        using var parser = new ConversationParser(shard.Shape);
        for (var i = from; i < from + count; i++)
        {
            var json = fetcher.Fetch(index.Offsets[i], index.Lengths[i]);
            parser.Parse(json);
            handle(index.Lines[i], parser.Canonical(json, index.Instances[i]));
        }
    }
}
