using System.Diagnostics;
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
    /// <summary>
    /// Takes the values of neighbouring records, from number <paramref name="first"/> on; those with the state 0 are none. Called by several threads for
    /// different records.
    /// </summary>
    public delegate void Take(int first, ReadOnlySpan<byte> states, ReadOnlySpan<byte> values);

    /// <summary>How many bytes of values are held at once, as far as the shards' sizes allow.</summary>
    private const long MostBytes = 12L << 20;

    /// <param name="context">The stage.</param>
    /// <param name="scorer">What is asked.</param>
    /// <param name="take">Takes the values.</param>
    /// <param name="isAsked">Which of the pool's shards are asked, by number; null for all.</param>
    public static ScoringFacts Read(StageContext context, IScorer scorer, Take take, bool[]? isAsked = null)
    {
        context.Session.Store.Need(scorer.Identity);
        using var store = new Kept(context.Session, scorer);
        var facts = default(ScoringFacts);
        var stretches = Stretches(context, scorer.Width);
        var isAfterWork = true;
        foreach (var (from, to) in stretches)
        {
            if (stretches.Count > 1 && isAfterWork)
            {
                LargeArrays.LetGo(MostBytes); // what came before, and the lists of a stretch
            }

            var asked = Read(context, scorer, store, from, to, facts.Scored, take, isAsked);
            facts = facts.Plus(asked);
            isAfterWork = asked.Scored > 0;
        }

        return facts;
    }

    /// <summary>
    /// Cuts the pool's shards into stretches whose values are held at once: wide values of a large pool are several times what the rest of a build holds. A trial remembers no
    /// keys from one stretch to the next, and holds no values worth cutting.
    /// </summary>
    private static List<(int From, int To)> Stretches(StageContext context, int width)
    {
        var shards = context.Pool.Shards;
        var stretches = new List<(int From, int To)>();
        var from = 0;
        long bytes = 0;
        for (var number = 0; number < shards.Count; number++)
        {
            var size = (long)shards[number].Count * width;
            if (number > from && bytes + size > MostBytes && context.Session.Trial is null)
            {
                stretches.Add((from, number));
                (from, bytes) = (number, 0);
            }

            bytes += size;
        }

        stretches.Add((from, shards.Count));
        return stretches;
    }

    /// <param name="context">The stage.</param>
    /// <param name="scorer">What is asked.</param>
    /// <param name="store">What the store keeps of it.</param>
    /// <param name="from">The first shard.</param>
    /// <param name="to">The shard behind the last one.</param>
    /// <param name="scoredBefore">How many were scored in the shards before, for the progress.</param>
    /// <param name="take">Takes them.</param>
    /// <param name="isAsked">Which shards are asked.</param>
    private static ScoringFacts Read(StageContext context, IScorer scorer, Kept store, int from, int to, int scoredBefore, Take take, bool[]? isAsked)
    {
        var session = context.Session;
        var columns = new ScoreColumn?[to - from];
        var unknown = TakeKnown(context, scorer, store.Generation, from, columns, take, isAsked, out var entered, out var fromEarlier);
        var facts = new ScoringFacts(0, entered) { FromShards = entered - unknown.Length - fromEarlier, FromEarlierShards = fromEarlier };
        if (unknown.Length == 0)
        {
            session.Store.TakeOver(scorer.Identity, scorer.Width);
            session.CacheUse.Count(scorer.Identity, facts.Cached, 0, TimeSpan.Zero);
            TakeNews(context, scorer, store.Generation, from, columns, take);
            return facts;
        }

        var wanted = Wanted.Of(context.Pool.Keys, unknown);
        var values = store.Room(wanted.Keys.Length * scorer.Width);
        var states = new byte[wanted.Keys.Length];
        var (scored, newRecords) = LookUpOrScore(context, scorer, store, wanted, entered, new Behind(CountBehind(context, from, to, isAsked), scoredBefore), values, states);
        for (int slot = -1, i = 0; i < wanted.Records.Length; i++)
        {
            slot += wanted.StartsKey[i] ? 1 : 0;
            var shard = context.Pool.ShardNumberOf(wanted.Records[i]);
            columns[shard - from]!.Set(wanted.Records[i] - context.Pool.Shards[shard].First, states[slot], values.Span.Slice(slot * scorer.Width, scorer.Width));
        }

        TakeNews(context, scorer, store.Generation, from, columns, take);
        return facts with { Scored = scored, Cached = entered - newRecords };
    }

    /// <summary>How many records have their value before a stretch is scored: those of the shards in front of it, and of those in it that are not asked.</summary>
    private static int CountBehind(StageContext context, int from, int to, bool[]? isAsked)
    {
        var shards = context.Pool.Shards;
        var count = Before(shards[from].First);
        for (var number = from; isAsked is not null && number < to; number++)
        {
            count += isAsked[number] ? 0 : Before(shards[number].First + shards[number].Count) - Before(shards[number].First);
        }

        return count;

        int Before(int record) => Pool.LowerBound(context.Entered, record);
    }

    /// <summary>
    /// Takes the shards' columns as far as they know all that is asked; the others stay, to be filled. Returns the records of which those know nothing, ascending.
    /// </summary>
    private static int[] TakeKnown(StageContext context, IScorer scorer, Guid? generation, int from, ScoreColumn?[] columns, Take take, bool[]? isAsked, out int entered, out int fromEarlier)
    {
        var pool = context.Pool;
        var (earlier, asked) = (0, 0);
        var unknown = new int[columns.Length][];
        context.Session.Parallel(columns.Length, number =>
        {
            var shard = pool.Shards[from + number];
            unknown[number] = [];
            var dropped = context.Fates.DropsIn(shard.First, shard.Count);
            if (isAsked?[from + number] == false || !dropped.Contains((byte)0))
            {
                return;
            }

            var column = LoadColumn(context.Session.Derived, scorer, generation, shard, out var isNew);
            using var states = new RentedBytes(shard.Count);
            var missing = column.CopyStates(dropped, states.Span);
            Interlocked.Add(ref asked, dropped.Count((byte)0));
            Interlocked.Add(ref earlier, isNew ? dropped.Count((byte)0) - missing : 0);
            if (isNew || missing > 0)
            {
                columns[number] = column;
                unknown[number] = UnknownIn(shard, dropped, states.Span, missing);
            }
            else
            {
                take(shard.First, states.Span, column.Values);
                column.Dispose();
            }
        });
        (entered, fromEarlier) = (asked, earlier);
        var all = new int[unknown.Sum(records => records.Length)];
        var next = 0;
        foreach (var records in unknown)
        {
            records.CopyTo(all, next);
            next += records.Length;
        }

        return all;
    }

    /// <summary>The shard's column; of a shard that changed, what the column of its earlier content says of the records that are still there.</summary>
    private static ScoreColumn LoadColumn(DerivedData derived, IScorer scorer, Guid? generation, PoolShard shard, out bool isNew)
    {
        isNew = false;
        if (TryLoad(shard.IndexHash, shard.Count) is { } own)
        {
            return own;
        }

        isNew = true;
        var column = new ScoreColumn(scorer.Width, shard.Count);
        if (shard.Previous is { } previous && TryLoad(previous.IndexHash, previous.Count) is { } earlier)
        {
            using var kept = earlier;
            foreach (var run in previous.Known)
            {
                column.CopyFrom(earlier, run.Previous, run.First, run.Count);
            }
        }

        return column;

        ScoreColumn? TryLoad(byte[] indexHash, int count) =>
            generation is { } current ? ScoreColumn.TryLoad(derived, scorer.Identity, current, scorer.Width, indexHash, count) : null;
    }

    private static int[] UnknownIn(PoolShard shard, ReadOnlySpan<byte> dropped, ReadOnlySpan<byte> states, int count)
    {
        var unknown = new int[count];
        for (int i = 0, next = 0; next < count; i++)
        {
            if (dropped[i] == 0 && states[i] == Scores.NotEntered)
            {
                unknown[next++] = shard.First + i;
            }
        }

        return unknown;
    }

    /// <summary>Fills in all values; returns how many keys were scored, and how many records they stand for. In a trial those are told and left without.</summary>
    private static (int Scored, int Records) LookUpOrScore(
        StageContext context, IScorer scorer, Kept store, Wanted wanted, int entered, Behind behind, Memory<byte> values, byte[] states)
    {
        var session = context.Session;
        var table = store.Table;
        if (session.Trial?.Forgotten.Contains(scorer.Identity) != true)
        {
            table.Lookup(wanted.Keys, values.Span, states);
        }

        session.Trial?.Mark(scorer.Identity, wanted.Keys, states);
        var missing = Misses(wanted, states, out var slotOf, out var records);
        var clock = Stopwatch.StartNew();
        if (session.Trial is { } trial)
        {
            trial.WouldScore(scorer.Identity, missing.Select(record => context.Pool.Keys[record]), states);
            trial.ToScore = missing;
        }
        else if (missing.Length > 0)
        {
            Score(context, scorer, table, missing, slotOf, values, states, behind with { Done = behind.Done + entered - missing.Length });
            table.Seal();
        }

        session.CacheUse.Count(scorer.Identity, entered - records, missing.Length, clock.Elapsed);
        return (missing.Length, records);
    }

    private static void Score(StageContext context, IScorer scorer, ScoreTable table, int[] missing, int[] slotOf, Memory<byte> values, byte[] states, Behind behind)
    {
        var session = context.Session;
        var stage = session.Plan.Stages[context.Number].Name;
        var model = scorer as IModelScorer;
        var step = model is null ? stage : $"{stage} ({model.Pass})";
        var tokensBefore = model?.TokensFed ?? 0;
        long done = 0;
        if (model is not null)
        {
            new ModelScoring(session, context.Pool, model).Run(stage, missing, Commit);
            return;
        }

        new RecordScan(session, context.Pool).Conversations(missing, (records, batch) =>
        {
            var batchValues = new byte[records.Count * scorer.Width];
            var batchStates = new byte[records.Count];
            try
            {
                scorer.Score(batch, batchValues, batchStates);
            }
            catch (DatasetException failure)
            {
                throw FailedRecord.Locate(context, scorer, records, batch, failure);
            }

            Commit([.. records], batchValues, batchStates);
        });

        void Commit(int[] records, byte[] batchValues, byte[] batchStates)
        {
            var keys = new RecordKey[records.Length];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = context.Pool.Keys[records[i]];
                var slot = slotOf[records[i] - missing[0]];
                states[slot] = batchStates[i];
                batchValues.AsSpan(i * scorer.Width, scorer.Width).CopyTo(values.Span[(slot * scorer.Width)..]);
            }

            table.Append(keys, batchValues, batchStates);
            session.Progress(step, behind.Done + Interlocked.Add(ref done, keys.Length), context.Entered.Length, behind.Done - behind.Scored, (model?.TokensFed ?? 0) - tokensBefore);
        }
    }

    /// <summary>One record for each key without a state, ascending; the place of each such record's key, by its number from the first of them; and how many records have such a key.</summary>
    private static int[] Misses(Wanted wanted, byte[] states, out int[] slotOf, out int records)
    {
        records = 0;
        var count = states.AsSpan().Count((byte)0);
        var missing = new int[count];
        var slots = new int[count];
        var next = 0;
        for (int slot = -1, i = 0; count > 0 && i < wanted.Records.Length; i++)
        {
            slot += wanted.StartsKey[i] ? 1 : 0;
            records += states[slot] == 0 ? 1 : 0;
            if (wanted.StartsKey[i] && states[slot] == 0)
            {
                slots[next] = slot;
                missing[next++] = wanted.Records[i];
            }
        }

        Array.Sort(missing, slots);
        slotOf = count == 0 ? [] : new int[missing[^1] - missing[0] + 1];
        for (var i = 0; i < count; i++)
        {
            slotOf[missing[i] - missing[0]] = slots[i];
        }

        return missing;
    }

    /// <summary>Takes the columns that have news, shard by shard in the records' order, and keeps them.</summary>
    private static void TakeNews(StageContext context, IScorer scorer, Guid? generation, int from, ScoreColumn?[] columns, Take take) =>
        context.Session.Parallel(columns.Length, number =>
        {
            using var column = columns[number];
            if (column is null)
            {
                return;
            }

            var shard = context.Pool.Shards[from + number];
            using var states = new RentedBytes(shard.Count);
            column.CopyStates(context.Fates.DropsIn(shard.First, shard.Count), states.Span);
            take(shard.First, states.Span, column.Values);
            if (generation is { } current)
            {
                column.Save(context.Session.Derived, scorer.Identity, current, shard.IndexHash);
            }
        });

    /// <summary>What the store keeps of a scorer, opened where it is asked, and the room for what is taken out: both stay from stretch to stretch.</summary>
    private sealed class Kept(BuildSession session, IScorer scorer) : IDisposable
    {
        private ScoreTable? table;
        private byte[] room = [];

        /// <summary>Of the stored values; null where there are none yet, or where a trial does as if.</summary>
        public Guid? Generation { get; private set; } =
            session.Trial?.Forgotten.Contains(scorer.Identity) == true ? null : session.Store.GenerationOf(scorer.Identity);

        public ScoreTable Table
        {
            get
            {
                table ??= session.Store.Open(scorer.Identity, scorer.Width);

                // Before the first look-up: what is dropped behind it makes the columns that are saved here unreachable.
                Generation ??= session.Store.GenerationOf(scorer.Identity);
                return table;
            }
        }

        public Memory<byte> Room(int length)
        {
            room = room.Length < length ? GC.AllocateUninitializedArray<byte>(length + (length / 4)) : room; // stretches differ by less than a shard
            return room.AsMemory(0, length);
        }

        public void Dispose() => table?.Dispose();
    }

    /// <summary>How many records are behind, and how many of them were scored.</summary>
    private readonly record struct Behind(int Done, int Scored);

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
