using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Brings the band keys of the records that may share one with another, as many bands at a time as memory allows. Records that shared none in the last build can only share one with a newcomer:
/// where newcomers have none of its keys, a record is passed over. So newcomers are read first, and then the others.
/// </summary>
internal sealed class BandKeys
{
    private const int None = -1;

    /// <summary>What a newcomer's key takes in a <see cref="KeySet"/> and on the way there, about.</summary>
    private const int BytesPerNewKey = 48;

    private const long MostNewKeys = 1 << 28;

    private readonly StageContext context;
    private readonly NearDuplicateScorer scorer;
    private readonly DedupOrder order;
    private readonly Meeting[] meetings;
    private readonly byte[] states;
    private readonly int[] slotOf;
    private readonly int slots;
    private readonly int some;
    private readonly bool hasLoners;
    private readonly ConcurrentBag<ulong[]> newKeys = [];
    private readonly ConcurrentBag<Row> rescued = [];

    /// <param name="context">The stage.</param>
    /// <param name="scorer">What makes the keys.</param>
    /// <param name="order">The records that take part.</param>
    /// <param name="meetings">What is known of each record, by number.</param>
    public BandKeys(StageContext context, NearDuplicateScorer scorer, DedupOrder order, Meeting[] meetings)
    {
        this.context = context;
        this.scorer = scorer;
        this.order = order;
        var bands = scorer.Rule.Bands.Bands;
        some = NearMemory.BandsAtOnce(context.Session.Settings.MemoryLimit, order.Numbers.Length, bands);
        this.meetings = IsWorthwhile(order, meetings, bands, some) ? meetings : new Meeting[meetings.Length];
        states = new byte[order.Keys.Length];
        slotOf = new int[order.Keys.Length];
        foreach (var number in order.Numbers)
        {
            hasLoners |= this.meetings[number] == Meeting.Nobody;
            slotOf[number] = this.meetings[number] is Meeting.Unknown or Meeting.Somebody ? slots++ : None;
        }
    }

    /// <summary>Whether the newcomers' keys take less memory than those of the records that are passed over. Else all count as newcomers, which is always right.</summary>
    private static bool IsWorthwhile(DedupOrder order, Meeting[] meetings, int bands, int some)
    {
        var (newcomers, loners) = (0L, 0L);
        foreach (var number in order.Numbers)
        {
            newcomers += meetings[number] == Meeting.Unknown ? 1 : 0;
            loners += meetings[number] == Meeting.Nobody ? 1 : 0;
        }

        return newcomers * bands <= MostNewKeys && newcomers * bands * BytesPerNewKey <= loners * some * sizeof(ulong);
    }

    /// <param name="choose">
    /// Hears, by number, what there is of each record (a <see cref="Scores"/> state); answers with the places in the order of preference of those that are to be matched, ascending.
    /// </param>
    /// <param name="onKeys">Hears the keys of some bands, in their order; where among them that of each record stands, and the record's place.</param>
    public ScoringFacts Read(Func<byte[], int[]> choose, Action<ulong[][], int[], int[]> onKeys)
    {
        var bands = scorer.Rule.Bands.Bands;
        var facts = default(ScoringFacts);
        context.Session.Store.Need(scorer.Identity); // even where no record asks
        KeySet? newcomers = null;
        int[] chosen = [];
        for (var first = 0; first < bands; first += some)
        {
            var keys = new ulong[Math.Min(some, bands - first)][];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = new ulong[slots];
            }

            var read = Read(context, 0, isNew: true, first, keys, newcomers);
            var known = context.OfBase();
            if (known is not null)
            {
                Read(known, context.Pool.Count, isNew: true, first, keys, newcomers);
            }

            newcomers ??= new KeySet(newKeys);
            newKeys.Clear();
            read = read.Plus(Read(context, 0, isNew: false, first, keys, newcomers));
            if (known is not null)
            {
                Read(known, context.Pool.Count, isNew: false, first, keys, newcomers);
            }

            LargeArrays.LetGo((long)read.Scored * scorer.Width); // what they were gathered in
            if (first == 0)
            {
                facts = read;
                chosen = choose(states);
            }

            var (slotsOfChosen, places) = Place(chosen, keys);
            onKeys(keys, slotsOfChosen, places);
            keys = [];
            LargeArrays.LetGo((long)slots * some * sizeof(ulong));
        }

        return facts;
    }

    /// <summary>Reads the newcomers, or all others.</summary>
    private ScoringFacts Read(StageContext asked, int firstNumber, bool isNew, int firstBand, ulong[][] keys, KeySet? newcomers)
    {
        var (isAsked, both) = ShardsWith(asked, firstNumber, isNew);
        if (!isAsked.Contains(true))
        {
            return default;
        }

        var facts = StoredScores.Read(asked, scorer, (first, found, values) => Take(firstNumber + first, found, values, isNew, firstBand, keys, newcomers), isAsked);
        if (isNew)
        {
            return facts;
        }

        // A shard that holds both is read twice, and counts once.
        asked.Session.CacheUse.Count(scorer.Identity, -both, 0, TimeSpan.Zero);
        return facts with { Cached = facts.Cached - both, FromShards = facts.FromShards - both };
    }

    /// <summary>The shards with newcomers, or with others; and how many records take part of those that have both.</summary>
    private (bool[] IsAsked, int Both) ShardsWith(StageContext asked, int firstNumber, bool isNew)
    {
        var shards = asked.Pool.Shards;
        var isAsked = new bool[shards.Count];
        var both = 0;
        for (var shard = 0; shard < isAsked.Length; shard++)
        {
            var drops = asked.Fates.DropsIn(shards[shard].First, shards[shard].Count);
            var met = meetings.AsSpan(firstNumber + shards[shard].First, shards[shard].Count);
            var (entered, strangers) = (0, 0);
            for (var i = 0; i < met.Length; i++)
            {
                var enters = drops[i] == 0;
                entered += enters ? 1 : 0;
                strangers += enters && met[i] == Meeting.Unknown ? 1 : 0;
            }

            isAsked[shard] = isNew ? strangers > 0 : strangers < entered;
            both += strangers > 0 && strangers < entered ? entered : 0;
        }

        return (isAsked, both);
    }

    private void Take(int first, ReadOnlySpan<byte> found, ReadOnlySpan<byte> values, bool isNew, int firstBand, ulong[][] keys, KeySet? newcomers)
    {
        var news = isNew && hasLoners && newcomers is null ? new List<ulong>() : null;
        for (var i = 0; i < found.Length; i++)
        {
            var number = first + i;
            if (found[i] == Scores.NotEntered || (meetings[number] == Meeting.Unknown) != isNew)
            {
                continue;
            }

            states[number] = found[i];
            if (found[i] != Scores.HasValue)
            {
                continue;
            }

            var value = values.Slice(i * scorer.Width, scorer.Width);
            var slot = slotOf[number];
            if (slot >= slots || (slot == None && (meetings[number] != Meeting.Nobody || newcomers!.ContainsAny(value))))
            {
                rescued.Add(new Row(number, KeysIn(value, firstBand, keys.Length)));
            }
            else if (slot != None)
            {
                for (var band = 0; band < keys.Length; band++)
                {
                    keys[band][slot] = KeyIn(value, firstBand + band);
                }
            }

            for (var band = 0; news is not null && band < scorer.Rule.Bands.Bands; band++)
            {
                news.Add(KeyIn(value, band));
            }
        }

        if (news is { Count: > 0 })
        {
            newKeys.Add([.. news]);
        }
    }

    /// <summary>Gives those that were not passed over after all a place behind the others; returns where the keys of each chosen record stand, and its place, without those that are passed over.</summary>
    private (int[] Slots, int[] Places) Place(int[] chosen, ulong[][] keys)
    {
        var next = slots;
        Row[] rows = [.. rescued];
        rescued.Clear();
        for (var band = 0; band < keys.Length && rows.Length > 0; band++)
        {
            Array.Resize(ref keys[band], slots + rows.Length);
        }

        foreach (var row in rows)
        {
            slotOf[row.Number] = next;
            for (var band = 0; band < keys.Length; band++)
            {
                keys[band][next] = row.Keys[band];
            }

            next++;
        }

        var places = Array.FindAll(chosen, place => slotOf[order.Numbers[place]] != None);
        return (Array.ConvertAll(places, place => slotOf[order.Numbers[place]]), places);
    }

    private static ulong[] KeysIn(ReadOnlySpan<byte> value, int first, int count)
    {
        var keys = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            keys[i] = KeyIn(value, first + i);
        }

        return keys;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong KeyIn(ReadOnlySpan<byte> value, int band) => LittleEndian.Read64(ref Unsafe.Add(ref MemoryMarshal.GetReference(value), band * sizeof(ulong)));

    private readonly record struct Row(int Number, ulong[] Keys);
}
