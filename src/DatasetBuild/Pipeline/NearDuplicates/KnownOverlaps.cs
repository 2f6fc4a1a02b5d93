using System.Buffers.Binary;
using System.Security.Cryptography;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Pairs of records that were compared shingle by shingle, in this build or an earlier one. Derived data, by shard: a pair stands with the shard of the record that was compared with an earlier
/// one. A pair goes by the sum of both keys; what is known of it holds for ever, so that a file may know more or less and never something else.
/// </summary>
internal sealed class KnownOverlaps(BuildSession session, Pool pool, byte[] shingles)
{
    private const string Kind = "near-pairs";
    private const int Version = 1;
    private const int EntrySize = RecordKey.Size + 8;

    private readonly List<Entry>[] news = [.. pool.Shards.Select(_ => new List<Entry>())];
    private readonly bool[] isEarlier = new bool[pool.Shards.Count];
    private Entry[] entries = [];
    private int[] slots = [];
    private bool[] used = [];
    private int[] firstOf = [];

    /// <summary>Whether nothing is known from before.</summary>
    public bool IsEmpty => entries.Length == 0;

    /// <summary>Reads what is kept of the pool's shards; of one that changed, what was kept of its earlier content.</summary>
    public void Load()
    {
        var kept = new Entry[pool.Shards.Count][];
        session.Parallel(kept.Length, number => kept[number] = Read(number));
        firstOf = new int[kept.Length + 1];
        for (var number = 0; number < kept.Length; number++)
        {
            firstOf[number + 1] = firstOf[number] + kept[number].Length;
        }

        entries = [.. kept.SelectMany(some => some)];
        used = new bool[entries.Length];
        slots = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(entries.Length * 2) + 1)];
        for (var i = 0; i < entries.Length; i++)
        {
            var place = (int)entries[i].Pair.Low & (slots.Length - 1);
            while (slots[place] != 0)
            {
                place = (place + 1) & (slots.Length - 1);
            }

            slots[place] = i + 1;
        }
    }

    /// <summary>What is known of a pair; may be asked by several threads.</summary>
    public bool TryGet(RecordKey left, RecordKey right, out Overlap overlap)
    {
        var pair = PairOf(left, right);
        for (var place = (int)pair.Low & (slots.Length - 1); slots[place] != 0; place = (place + 1) & (slots.Length - 1))
        {
            var number = slots[place] - 1;
            if (entries[number].Pair == pair)
            {
                used[number] = true;
                overlap = entries[number].Overlap;
                return true;
            }
        }

        overlap = default;
        return false;
    }

    /// <summary>Takes note of a pair; several threads may.</summary>
    /// <param name="record">The later one's number in the pool.</param>
    /// <param name="left">Its key.</param>
    /// <param name="right">The other's.</param>
    /// <param name="overlap">What came of it.</param>
    public void Add(int record, RecordKey left, RecordKey right, Overlap overlap)
    {
        var some = news[pool.ShardNumberOf(record)];
        lock (some)
        {
            some.Add(new Entry(PairOf(left, right), overlap));
        }
    }

    /// <summary>Keeps what is new, with those of the old that were asked for.</summary>
    public void Save() => session.Parallel(news.Length, number =>
    {
        if (news[number].Count == 0 && !isEarlier[number])
        {
            return;
        }

        var all = news[number];
        for (var i = firstOf[number]; i < firstOf[number + 1]; i++)
        {
            if (used[i])
            {
                all.Add(entries[i]);
            }
        }

        // One content, one file: in which order threads found the pairs must not show.
        all.Sort((left, right) => left.Pair.CompareTo(right.Pair));
        using var bytes = new RentedBytes(checked(all.Count * EntrySize));
        var count = 0;
        for (var i = 0; i < all.Count; i++)
        {
            if (i == 0 || all[i].Pair != all[i - 1].Pair) // a component that is read again compares some pairs again
            {
                all[i].Write(bytes.Span[(count++ * EntrySize)..]);
            }
        }

        session.Derived.Write(Kind, Version, HashOf(pool.Shards[number].IndexHash), bytes.Span[..(count * EntrySize)]);
    });

    private static RecordKey PairOf(RecordKey left, RecordKey right) => new(left.High + right.High, left.Low + right.Low);

    private byte[] HashOf(byte[] indexHash) => SHA256.HashData([.. shingles, .. indexHash]);

    private Entry[] Read(int number)
    {
        var shard = pool.Shards[number];
        if (TryRead(shard.IndexHash) is { } own)
        {
            return own;
        }

        var earlier = shard.Previous is { } previous ? TryRead(previous.IndexHash) : null;
        isEarlier[number] = earlier is not null;
        return earlier ?? [];
    }

    private Entry[]? TryRead(byte[] indexHash)
    {
        if (!session.Derived.TryRead(Kind, Version, HashOf(indexHash), out var payload))
        {
            return null;
        }

        using (payload)
        {
            var some = new Entry[payload.Length % EntrySize == 0 ? payload.Length / EntrySize : 0];
            for (var i = 0; i < some.Length; i++)
            {
                some[i] = Entry.Read(payload.Span[(i * EntrySize)..]);
            }

            return some;
        }
    }

    private readonly record struct Entry(RecordKey Pair, Overlap Overlap)
    {
        public static Entry Read(ReadOnlySpan<byte> bytes) => new(
            RecordKey.Read(bytes),
            new Overlap(BinaryPrimitives.ReadInt32LittleEndian(bytes[RecordKey.Size..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[(RecordKey.Size + 4)..])));

        public void Write(Span<byte> bytes)
        {
            Pair.Write(bytes);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[RecordKey.Size..], Overlap.Common);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(RecordKey.Size + 4)..], Overlap.Together);
        }
    }
}
