using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>What becomes of a record that a stage has no value for.</summary>
internal static class MissingValues
{
    public static void Handle(StageContext context, int record, byte reason, MissingPolicy policy)
    {
        switch (policy)
        {
            case MissingPolicy.Drop:
                context.Fates.Drop(record, context.Number, DropReason.Missing);
                break;
            case MissingPolicy.Fail:
                throw NotAllowed(context, record, reason);
        }
    }

    private static DatasetException NotAllowed(StageContext context, int record, byte reason)
    {
        var shard = context.Pool.ShardOf(record);
        var line = PoolIndexer.Load(context.Session, shard).Lines[record - shard.First];
        var stage = context.Session.Plan.Stages[context.Number].Name;
        return new DatasetException(
            DataCodes.MissingNotAllowed,
            $"the stage '{stage}' has no value for this record ({MissingReasons.Describe((MissingReason)reason)}), and it says Missing=\"Fail\".",
            shard.Declared.FullPath,
            line,
            1);
    }
}
