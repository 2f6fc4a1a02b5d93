using DatasetBuild.Records;
using DatasetBuild.Scoring;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Looks the entered records' keys up in the score store, scores what is not there, and commits batch by batch: what a killed build has
/// committed is not scored again.
/// </summary>
internal static class StoredScores
{
    public delegate void Take(int record, ReadOnlySpan<byte> value, byte state);

    public static ScoringFacts Read(StageContext context, IScorer scorer, Take take)
    {
        using var table = context.Session.Store.Open(scorer.Identity, scorer.Width);
        var wanted = Wanted.Of(context);
        var values = new byte[wanted.Keys.Length * scorer.Width];
        var states = new byte[wanted.Keys.Length];
        table.Lookup(wanted.Keys, values, states);

        var missing = Misses(wanted, states, context.Pool.Count, out var slotOf);
        if (missing.Length > 0)
        {
            Score(context, scorer, table, missing, slotOf, values, states);
            table.Seal();
        }

        for (int slot = -1, i = 0; i < wanted.Records.Length; i++)
        {
            slot += wanted.StartsKey[i] ? 1 : 0;
            take(wanted.Records[i], values.AsSpan(slot * scorer.Width, scorer.Width), states[slot]);
        }

        return new ScoringFacts(missing.Length, wanted.Keys.Length - missing.Length);
    }

    private static void Score(
        StageContext context, IScorer scorer, Caching.ScoreTable table, int[] missing, int[] slotOf, byte[] values, byte[] states)
    {
        var stage = context.Session.Plan.Stages[context.Number].Name;
        long done = 0;
        var cached = states.LongLength - missing.Length;
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
            context.Session.Progress(stage, cached + Interlocked.Add(ref done, keys.Length), states.Length, cached);
        });
    }

    /// <summary>One record for each key without a state, ascending, and the place of each such record's key.</summary>
    private static int[] Misses(Wanted wanted, byte[] states, int poolCount, out int[] slotOf)
    {
        var count = states.AsSpan().Count((byte)0);
        slotOf = count == 0 ? [] : new int[poolCount];
        var missing = new int[count];
        var next = 0;
        for (int slot = -1, i = 0; i < wanted.Records.Length && next < count; i++)
        {
            slot += wanted.StartsKey[i] ? 1 : 0;
            if (wanted.StartsKey[i] && states[slot] == 0)
            {
                missing[next++] = wanted.Records[i];
                slotOf[wanted.Records[i]] = slot;
            }
        }

        Array.Sort(missing);
        return missing;
    }

    /// <summary>The entered records in key order, and their distinct keys.</summary>
    private sealed record Wanted(int[] Records, bool[] StartsKey, RecordKey[] Keys)
    {
        public static Wanted Of(StageContext context)
        {
            var keyOf = context.Pool.Keys;
            var records = new int[context.Entered.Length];
            var starts = new bool[records.Length];
            var keys = new RecordKey[records.Length];
            int written = 0, distinct = 0;
            foreach (var record in context.Pool.ByKey)
            {
                if (!context.Fates.IsAlive(record))
                {
                    continue;
                }

                var key = keyOf[record];
                starts[written] = distinct == 0 || keys[distinct - 1] != key;
                if (starts[written])
                {
                    keys[distinct++] = key;
                }

                records[written++] = record;
            }

            return new Wanted(records, starts, keys[..distinct]);
        }
    }
}
