using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>One shard of the pool, as it was found to be in this build.</summary>
/// <param name="Declared">What the project says of it.</param>
/// <param name="First">The number of its first record.</param>
/// <param name="Count">How many records it holds.</param>
/// <param name="Stamp">The file's stamp when it was read.</param>
/// <param name="Digest">SHA-256 of its bytes.</param>
/// <param name="IndexHash">Names its index among the derived data.</param>
public sealed record PoolShard(PlanShard Declared, int First, int Count, FileStamp Stamp, ContentDigest Digest, byte[] IndexHash)
{
    public string Name => Declared.Name;

    public IReadOnlyList<InvalidRecord> Invalid { get; init; } = [];

    /// <summary>Whether the file was so new when it was read that it could change again under the same stamp.</summary>
    public bool WasRacy { get; init; }

    /// <summary>Whether the file holds white space and nothing else.</summary>
    public bool IsBlank { get; init; }

    /// <summary>What to say of such a file: nothing comes of it, though somebody put it there.</summary>
    public static Diagnostic BlankWarning(string fullPath) => new(
        Severity.Warning, DataCodes.BlankShard, "this shard has no record: it holds nothing but white space. Get the file again, or take it out of the project.", fullPath, 1, 1);

    /// <summary>What stood under its path before, where the two have records in common.</summary>
    public PreviousShard? Previous { get; init; }

    /// <summary>One bit for each dialect that occurs in it.</summary>
    public required byte DialectSet { get; init; }

    /// <summary>One bit for each field of a reading that occurs in it.</summary>
    public required uint FieldSet { get; init; }
}

/// <summary>What a shard was in an earlier build: what is derived from that index holds for the records of these runs.</summary>
public sealed record PreviousShard(byte[] IndexHash, int Count, IReadOnlyList<KnownRun> Known);

/// <summary>
/// All records of all shards. A record is named by its number in canonical order: shards by name, then position. 16 bytes a record.
/// </summary>
public sealed class Pool(IReadOnlyList<PoolShard> shards, RecordKey[] keys)
{
    private readonly int[] firsts = FirstsOf(shards);

    public IReadOnlyList<PoolShard> Shards { get; } = shards;

    public RecordKey[] Keys { get; } = keys;

    public int Count => Keys.Length;

    /// <summary>Records that were selected elsewhere before: duplicates of them are dropped, they themselves are not written. Null where none are declared.</summary>
    public Pool? Base { get; private init; }

    /// <summary>How many records of all shards could not be read; they have no number.</summary>
    public int InvalidCount { get; } = InvalidIn(shards);

    /// <summary>One bit for each dialect that occurs in any shard.</summary>
    public byte DialectSet { get; } = DialectsOf(shards);

    /// <summary>The same records beside others that were selected before.</summary>
    public Pool With(Pool? known) => known is null ? this : new Pool(Shards, Keys) { Base = known };

    /// <summary>The place in <see cref="Shards"/> of the shard that holds a record.</summary>
    public int ShardNumberOf(int record)
    {
        int low = 0, high = firsts.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (firsts[middle] <= record)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        // Empty shards share a first number with the one behind them; the last of those holds the record.
        return low;
    }

    private static byte DialectsOf(IReadOnlyList<PoolShard> shards)
    {
        byte set = 0;
        foreach (var shard in shards)
        {
            set |= shard.DialectSet;
        }

        return set;
    }

    private static int InvalidIn(IReadOnlyList<PoolShard> shards)
    {
        var count = 0;
        foreach (var shard in shards)
        {
            count += shard.Invalid.Count;
        }

        return count;
    }

    private static int[] FirstsOf(IReadOnlyList<PoolShard> shards)
    {
        var firsts = new int[shards.Count];
        for (var i = 0; i < firsts.Length; i++)
        {
            firsts[i] = shards[i].First;
        }

        return firsts;
    }

    public PoolShard ShardOf(int record) => Shards[ShardNumberOf(record)];

    /// <summary>The pool that holds a record, and its number there: a record of the base goes by its number there behind all of this pool.</summary>
    public (Pool Pool, int Record) Locate(int number) => number < Count ? (this, number) : (Base!, number - Count);

    /// <summary>The stretch of <paramref name="records"/> (ascending) that lies in a shard.</summary>
    public static (int From, int To) RangeOf(PoolShard shard, int[] records) =>
        (LowerBound(records, shard.First), LowerBound(records, shard.First + shard.Count));

    /// <summary>The place of the first of <paramref name="records"/> (ascending) that is not before <paramref name="record"/>.</summary>
    public static int LowerBound(ReadOnlySpan<int> records, int record)
    {
        var place = records.BinarySearch(record);
        return place < 0 ? ~place : place;
    }

    /// <summary>The declared priority of a record, or null where no shard declares one.</summary>
    public Func<int, int>? Priorities => Shards.Any(shard => shard.Declared.Priority != 0) ? record => ShardOf(record).Declared.Priority : null;
}
