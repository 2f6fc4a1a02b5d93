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
    public IReadOnlyList<PoolShard> Shards { get; } = shards;

    public RecordKey[] Keys { get; } = keys;

    public int Count => Keys.Length;

    /// <summary>The place in <see cref="Shards"/> of the shard that holds a record.</summary>
    public int ShardNumberOf(int record)
    {
        int low = 0, high = Shards.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Shards[middle].First <= record)
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

    public PoolShard ShardOf(int record) => Shards[ShardNumberOf(record)];

    /// <summary>The stretch of <paramref name="records"/> (ascending) that lies in a shard.</summary>
    public static (int From, int To) RangeOf(PoolShard shard, int[] records)
    {
        return (LowerBound(shard.First), LowerBound(shard.First + shard.Count));

        int LowerBound(int record)
        {
            var place = Array.BinarySearch(records, record);
            return place < 0 ? ~place : place;
        }
    }

    /// <summary>The declared priority of a record, or null where no shard declares one.</summary>
    public Func<int, int>? Priorities => Shards.Any(shard => shard.Declared.Priority != 0) ? record => ShardOf(record).Declared.Priority : null;
}
