using DatasetBuild.Records;
using DatasetBuild.Reporting;
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

    /// <summary>Drops the records of which the store knows that they have no value: whichever others enter, they go.</summary>
    public static void DropStored(StageContext context, IScorer scorer) => StoredScores.Read(context, scorer, (first, states, _) =>
    {
        for (var i = 0; i < states.Length; i++)
        {
            if (states[i] > Scores.HasValue)
            {
                context.Fates.Drop(first + i, context.Number, DropReason.Missing);
            }
        }
    });

    /// <summary>A stage without a single value is almost always a misspelt name: worth a warning, since it empties the subset.</summary>
    public static void WarnIfNone(StageContext context, Stage stage, byte[] states)
    {
        var reasons = new int[256];
        foreach (var record in context.Entered)
        {
            reasons[states[record]]++;
        }

        if (context.Entered.Length > 0 && reasons[Scores.HasValue] == 0)
        {
            var why = string.Join(", ", Enumerable.Range(2, 254).Where(reason => reasons[reason] > 0).Select(reason => $"{reasons[reason]} {MissingReasons.Describe((MissingReason)reason)}"));
            context.Session.Report(context.Session.Plan.LocationOf(stage.Name).Say(
                Severity.Warning,
                DataCodes.NoValueAtAll,
                $"stage '{stage.Name}' has a value for none of the {context.Entered.Length} records that enter: {why}. Check {string.Join(' ', stage.Parameters.Select(parameter => $"{parameter.Name}=\"{parameter.Value}\""))} (fields inside an object are written meta.quality; texts are selected with In)."));
        }
    }

    /// <summary>How many records the stage dropped for want of a value, by what each had not.</summary>
    public static IEnumerable<ReasonCount> Reasons(StageContext context, byte[]? states)
    {
        var counts = new int[256];
        for (var record = 0; record < context.Pool.Count; record++)
        {
            if (context.Fates.DroppedBy(record) == context.Number && context.Fates.Reason(record) == DropReason.Missing)
            {
                counts[states?[record] ?? 0]++;
            }
        }

        var missing = DropReasons.Describe(DropReason.Missing);
        return counts.Index().Where(state => state.Item > 0).Select(state =>
            new ReasonCount(state.Index > Scores.HasValue ? $"{missing}: {MissingReasons.Describe((MissingReason)state.Index)}" : missing, state.Item));
    }

    private static DatasetException NotAllowed(StageContext context, int record, byte reason)
    {
        var shard = context.Pool.ShardOf(record);
        var line = PoolIndexer.Load(context.Session, shard).LineOf(record - shard.First);
        var stage = context.Session.Plan.Stages[context.Number].Name;
        return new DatasetException(
            DataCodes.MissingNotAllowed,
            $"the stage '{stage}' has no value for this record ({MissingReasons.Describe((MissingReason)reason)}), and it says Missing=\"Fail\".",
            shard.Declared.FullPath,
            line,
            1);
    }
}
