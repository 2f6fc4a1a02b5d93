using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>A scorer that fails on a batch fails on one of its records: finds it, and says where it stands.</summary>
internal static class FailedRecord
{
    /// <param name="context">The stage at work.</param>
    /// <param name="scorer">The scorer that failed.</param>
    /// <param name="records">The numbers of the batch's records.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="failure">The failure, which is given back where no record fails alone.</param>
    public static DatasetException Locate(StageContext context, IScorer scorer, IReadOnlyList<int> records, ConversationBatch batch, DatasetException failure)
    {
        using var single = new ConversationBatch();
        for (var i = 0; i < records.Count; i++)
        {
            single.Clear();
            single.Add(batch.Canonical(i));
            try
            {
                scorer.Score(single, new byte[scorer.Width], new byte[1]);
            }
            catch (DatasetException own)
            {
                var shard = context.Pool.ShardOf(records[i]);
                var line = PoolIndexer.Load(context.Session, shard).Lines[records[i] - shard.First];
                return At(own, shard.Declared.FullPath, line, $" The stage is '{context.Session.Plan.Stages[context.Number].Name}'.");
            }
        }

        return failure;
    }

    /// <summary>The failure at the place of its record; where it happened in a template or another file stays in its text.</summary>
    public static DatasetException At(DatasetException failure, string file, int line, string more = "")
    {
        var own = failure.Diagnostic;
        var inside = own.File is null ? "" : own.Line > 0 ? $" ({own.File}, line {own.Line})" : $" ({own.File})";
        return new DatasetException(own.Code, own.Message + inside + more, file, line, 1, failure);
    }
}
