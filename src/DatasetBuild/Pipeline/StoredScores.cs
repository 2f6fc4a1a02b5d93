using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Brings a scorer's values for all records that entered: from the columns of shards that have not changed, else from the score store by key, else by
/// scoring. What is scored is committed batch by batch: what a killed build has committed is not scored again.
/// </summary>
internal static class StoredScores
{
    /// <summary>Takes the value of one record; called by several threads for different records.</summary>
    public delegate void Take(int record, ReadOnlySpan<byte> value, byte state);

    public static ScoringFacts Read(StageContext context, IScorer scorer, Take take)
    {
        var columns = new ScoreColumn[context.Pool.Shards.Count];
        var unknown = TakeKnown(context, scorer, columns, take);
        if (unknown.Length == 0)
        {
            return new ScoringFacts(0, context.Entered.Length);
        }

        var wanted = Wanted.Of(context.Pool.Keys, unknown);
        var values = new byte[wanted.Keys.Length * scorer.Width];
        var states = new byte[wanted.Keys.Length];
        var (scored, newRecords) = LookUpOrScore(context, scorer, wanted, values, states);
        for (int slot = -1, i = 0; i < wanted.Records.Length; i++)
        {
            slot += wanted.StartsKey[i] ? 1 : 0;
            var value = values.AsSpan(slot * scorer.Width, scorer.Width);
            take(wanted.Records[i], value, states[slot]);
            var shard = context.Pool.ShardNumberOf(wanted.Records[i]);
            columns[shard].Set(wanted.Records[i] - context.Pool.Shards[shard].First, states[slot], value);
        }

        Save(context, scorer, columns, unknown);
        return new ScoringFacts(scored, context.Entered.Length - newRecords);
    }

    /// <summary>Takes what the shards' columns know; returns the records of which they know nothing, ascending.</summary>
    private static int[] TakeKnown(StageContext context, IScorer scorer, ScoreColumn[] columns, Take take)
    {
        var pool = context.Pool;
        var unknown = new List<int>[columns.Length];
        context.Session.Parallel(Enumerable.Range(0, columns.Length), number =>
        {
            var shard = pool.Shards[number];
            var (from, to) = (LowerBound(context.Entered, shard.First), LowerBound(context.Entered, shard.First + shard.Count));
            unknown[number] = [];
            if (from == to)
            {
                return;
            }

            var column = columns[number] = ScoreColumn.Load(context.Session.Derived, scorer.Identity, scorer.Width, shard.IndexHash, shard.Count);
            foreach (var record in context.Entered.AsSpan(from, to - from))
            {
                var state = column.State(record - shard.First);
                if (state == Scores.NotEntered)
                {
                    unknown[number].Add(record);
                }
                else
                {
                    take(record, column.Value(record - shard.First), state);
                }
            }
        });
        return [.. unknown.SelectMany(records => records)];
    }

    /// <summary>Fills in all values; returns how many keys were scored, and how many records they stand for.</summary>
    private static (int Scored, int Records) LookUpOrScore(StageContext context, IScorer scorer, Wanted wanted, byte[] values, byte[] states)
    {
        using var table = context.Session.Store.Open(scorer.Identity, scorer.Width);
        table.Lookup(wanted.Keys, values, states);
        var missing = Misses(wanted, states, context.Pool.Count, out var slotOf, out var records);
        if (missing.Length > 0)
        {
            Score(context, scorer, table, missing, slotOf, values, states);
            table.Seal();
        }

        return (missing.Length, records);
    }

    private static void Score(StageContext context, IScorer scorer, ScoreTable table, int[] missing, int[] slotOf, byte[] values, byte[] states)
    {
        var stage = context.Session.Plan.Stages[context.Number].Name;
        long done = 0;
        var cached = (long)context.Entered.Length - missing.Length;
        new RecordScan(context.Session, context.Pool).Conversations(missing, (records, batch) =>
        {
            var batchValues = new byte[records.Count * scorer.Width];
            var batchStates = new byte[records.Count];
            scorer.Score(batch, batchValues, batchStates);
            var keys = new RecordKey[records.Count];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = context.Pool.Keys[records[i]];
                var slot = slotOf[records[i]];
                states[slot] = batchStates[i];
                batchValues.AsSpan(i * scorer.Width, scorer.Width).CopyTo(values.AsSpan(slot * scorer.Width));
            }

            table.Append(keys, batchValues, batchStates);
            context.Session.Progress(stage, cached + Interlocked.Add(ref done, keys.Length), context.Entered.Length, cached);
        });
    }

    /// <summary>One record for each key without a state, ascending, the place of each such record's key, and how many records have such a key.</summary>
    private static int[] Misses(Wanted wanted, byte[] states, int poolCount, out int[] slotOf, out int records)
    {
        records = 0;
        var count = states.AsSpan().Count((byte)0);
        slotOf = count == 0 ? [] : new int[poolCount];
        var missing = new int[count];
        var next = 0;
        for (int slot = -1, i = 0; count > 0 && i < wanted.Records.Length; i++)
        {
            slot += wanted.StartsKey[i] ? 1 : 0;
            records += states[slot] == 0 ? 1 : 0;
            if (wanted.StartsKey[i] && states[slot] == 0)
            {
                missing[next++] = wanted.Records[i];
                slotOf[wanted.Records[i]] = slot;
            }
        }

        Array.Sort(missing);
        return missing;
    }

    /// <summary>Keeps the columns that have news.</summary>
    private static void Save(StageContext context, IScorer scorer, ScoreColumn[] columns, int[] unknown)
    {
        var changed = new SortedSet<int>(unknown.Select(context.Pool.ShardNumberOf));
        context.Session.Parallel(changed, number => columns[number].Save(context.Session.Derived, scorer.Identity, context.Pool.Shards[number].IndexHash));
    }

    private static int LowerBound(int[] ascending, int value)
    {
        var place = Array.BinarySearch(ascending, value);
        return place < 0 ? ~place : place;
    }

    /// <summary>Records in key order, and their distinct keys.</summary>
    private sealed record Wanted(int[] Records, bool[] StartsKey, RecordKey[] Keys)
    {
        public static Wanted Of(RecordKey[] keyOf, int[] records)
        {
            var order = KeyOrder.Of(Array.ConvertAll(records, record => keyOf[record]));
            var sorted = Array.ConvertAll(order, place => records[place]);
            var starts = new bool[sorted.Length];
            var keys = new RecordKey[sorted.Length];
            var distinct = 0;
            for (var i = 0; i < sorted.Length; i++)
            {
                var key = keyOf[sorted[i]];
                starts[i] = distinct == 0 || keys[distinct - 1] != key;
                if (starts[i])
                {
                    keys[distinct++] = key;
                }
            }

            Array.Resize(ref keys, distinct);
            return new Wanted(sorted, starts, keys);
        }
    }
}
