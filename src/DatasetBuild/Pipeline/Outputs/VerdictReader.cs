using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Reporting;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Tells what has become of single records: lines, scores, reasons and twins, by record number.</summary>
public sealed class VerdictReader(Analysis analysis)
{
    private readonly ShardIndex?[] indexes = new ShardIndex?[analysis.Pool.Shards.Count + (analysis.Pool.Base?.Shards.Count ?? 0)];

    public Verdict Read(int record)
    {
        var shard = analysis.Pool.ShardOf(record);
        var fates = analysis.Fates;
        var droppedBy = fates.DroppedBy(record);
        return new Verdict(
            shard.Name,
            LineOf(record),
            analysis.Pool.Keys[record].ToString(),
            droppedBy < 0,
            droppedBy < 0 ? null : analysis.Stages[droppedBy].Name,
            droppedBy < 0 ? null : ReasonOf(record),
            TwinOf(record),
            [.. analysis.Outcomes.Select(outcome => ScoreOf(outcome, record))])
        {
            Matches = [.. analysis.Outcomes.Where(outcome => outcome.Matches is not null).Select(outcome => outcome.Matches![record])],
        };
    }

    /// <summary>The names of the stages that look for evaluation items.</summary>
    public IEnumerable<string> MatchingStages => analysis.Stages.Where((_, number) => analysis.Outcomes[number].Matches is not null).Select(stage => stage.Name);

    /// <summary>Where the record stands that survives in the place of a duplicate, as <c>shard:line</c>; null for all others.</summary>
    public string? TwinOf(int record)
    {
        var twin = analysis.Fates.Twin(record);
        return twin < 0 ? null : $"{ShardOf(twin).Name}:{LineOf(twin)}";
    }

    /// <summary>The shard that holds a record of the pool or of its base.</summary>
    public PoolShard ShardOf(int number)
    {
        var (pool, record) = analysis.Pool.Locate(number);
        return pool.ShardOf(record);
    }

    /// <summary>The line that a record starts on, from 1.</summary>
    public int LineOf(int record)
    {
        var (pool, place) = analysis.Pool.Locate(record);
        return IndexOf(ShardNumberOf(record)).LineOf(place - pool.ShardOf(place).First);
    }

    /// <summary>The place in the pool of the shard that holds a record; those of the base come behind.</summary>
    public int ShardNumberOf(int record)
    {
        var (pool, place) = analysis.Pool.Locate(record);
        return pool.ShardNumberOf(place) + (pool == analysis.Pool ? 0 : analysis.Pool.Shards.Count);
    }

    /// <summary>A record's JSON as it stands in its shard.</summary>
    public byte[] JsonOf(int record)
    {
        var shard = analysis.Pool.ShardOf(record);
        byte[] json = [];
        new RecordScan(analysis.Session, analysis.Pool).Raw(shard, [record], (_, _, bytes) => json = bytes.ToArray());
        return json;
    }

    /// <summary>The index of a shard, by its place in the pool; those of the base come behind.</summary>
    public ShardIndex IndexOf(int shardNumber) => Volatile.Read(ref indexes[shardNumber]) ?? LoadIndex(shardNumber);

    /// <summary>Why a dropped record was dropped.</summary>
    public string ReasonOf(int record)
    {
        var reason = analysis.Fates.Reason(record);
        return reason == DropReason.Missing && analysis.Outcomes[analysis.Fates.DroppedBy(record)].States is { } states
            ? MissingReasons.Describe((MissingReason)states[record])
            : DropReasons.Describe(reason);
    }

    private ShardIndex LoadIndex(int shardNumber)
    {
        lock (indexes)
        {
            var shards = analysis.Pool.Shards;
            return indexes[shardNumber] ??= PoolIndexer.Load(analysis.Session, shardNumber < shards.Count ? shards[shardNumber] : analysis.Pool.Base!.Shards[shardNumber - shards.Count]);
        }
    }

    private static object? ScoreOf(StageOutcome outcome, int record)
    {
        if (outcome.States is not { } states || states[record] == Scores.NotEntered)
        {
            return null;
        }

        return states[record] != Scores.HasValue ? MissingReasons.Describe((MissingReason)states[record]) : outcome.Scores?.Value[record];
    }
}
