using System.Collections.Concurrent;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Reads records again and makes their sets of shingles. A record that is too short for one has a set of one hash, which no longer record has.</summary>
internal sealed class ShingleSets(StageContext context, NearDuplicateScorer scorer, DedupOrder order, int[] places)
{
    private const ulong ShortMark = 0xA5A5_5A5A_C3C3_3C3C;

    private readonly ConcurrentBag<Maker> makers = [];
    private readonly RecordScan scan = new(context.Session, context.Pool);
    private readonly RecordScan? baseScan = context.Pool.Base is { } known ? new(context.Session, known) : null;
    private readonly Dictionary<PoolShard, int[]> lengths = new(ReferenceEqualityComparer.Instance);
    private readonly ReadOnlyMemory<ulong>[] sets = new ReadOnlyMemory<ulong>[places.Length];

    /// <summary>A node's set; empty where it is not held.</summary>
    public ReadOnlySpan<ulong> this[int node] => sets[node].Span;

    public bool Holds(int node) => !sets[node].IsEmpty;

    /// <summary>The number of the record that a node stands for.</summary>
    public int NumberOf(int node) => order.Numbers[places[node]];

    /// <summary>Holds the sets of some nodes.</summary>
    /// <param name="nodes">In any order.</param>
    /// <param name="onDone">Hears how many more are done; several threads call.</param>
    public void Load(IReadOnlyCollection<int> nodes, Action<int> onDone)
    {
        Load(scan, context.Pool, 0, nodes, onDone);
        if (order.BaseCount > 0)
        {
            Load(baseScan!, context.Pool.Base!, context.Pool.Count, nodes, onDone);
        }
    }

    /// <summary>The bytes of the record that a node stands for.</summary>
    public int LengthOf(int node)
    {
        var (pool, record) = context.Pool.Locate(NumberOf(node));
        var shard = pool.Shards[pool.ShardNumberOf(record)];
        if (!lengths.TryGetValue(shard, out var all))
        {
            all = lengths[shard] = (pool == context.Pool ? scan : baseScan!).IndexOf(shard).Lengths;
        }

        return all[record - shard.First];
    }

    public void Release(int node) => sets[node] = default;

    /// <summary>Takes a set out of the memory that all of a load share, which goes with <see cref="ReleaseShared"/>.</summary>
    public void Keep(int node) => sets[node] = sets[node].ToArray();

    /// <summary>Whatever was loaded and not kept is gone.</summary>
    public void ReleaseShared()
    {
        foreach (var maker in makers)
        {
            maker.Reuse();
        }
    }

    private void Load(RecordScan reader, Pool pool, int firstNumber, IReadOnlyCollection<int> nodes, Action<int> onDone)
    {
        var wanted = nodes.Where(node => NumberOf(node) - firstNumber is >= 0 and var record && record < pool.Count && !Holds(node)).ToArray();
        var records = Array.ConvertAll(wanted, node => NumberOf(node) - firstNumber);
        Array.Sort(records, wanted);
        reader.Conversations(records, (numbers, batch) =>
        {
            if (!makers.TryTake(out var maker))
            {
                maker = new Maker(scorer);
            }

            var at = Array.BinarySearch(records, numbers[0]);
            for (var i = 0; i < numbers.Count; i++)
            {
                sets[wanted[at + i]] = maker.Make(batch[i]);
            }

            makers.Add(maker);
            onDone(numbers.Count);
        });
    }

    private sealed class Maker
    {
        private const int ChunkSize = 1 << 18;

        private readonly NearDuplicateScorer scorer;
        private readonly Shingler shingler;
        private readonly Shingler.Take take;
        private readonly OverlapCounter counter = new();
        private readonly List<ulong[]> chunks = [];
        private ulong[] shingles = new ulong[1 << 10];
        private int count;
        private int chunk;
        private int used;

        public Maker(NearDuplicateScorer scorer)
        {
            this.scorer = scorer;
            shingler = scorer.NewShingler();
            take = some =>
            {
                if (shingles.Length - count < some.Length)
                {
                    Array.Resize(ref shingles, Math.Max(shingles.Length * 2, count + some.Length));
                }

                some.CopyTo(shingles.AsSpan(count));
                count += some.Length;
            };
        }

        public ReadOnlyMemory<ulong> Make(Records.Conversation conversation)
        {
            count = 0;
            if (!shingler.Shingle(conversation, scorer.Rule.Part, take, out var whole))
            {
                shingles[count++] = whole ^ ShortMark;
            }

            var target = Reserve(count);
            var distinct = counter.Distinct(shingles.AsSpan(0, count), target.Span);
            used += target.Length > ChunkSize ? 0 : distinct;
            return target[..distinct];
        }

        public void Reuse() => (chunk, used) = (0, 0);

        /// <summary>Room for so many; a set that fills a chunk and more has memory of its own.</summary>
        private Memory<ulong> Reserve(int size)
        {
            if (size > ChunkSize)
            {
                return new ulong[size];
            }

            if (chunks.Count > 0 && ChunkSize - used < size)
            {
                (chunk, used) = (chunk + 1, 0);
            }

            if (chunk == chunks.Count)
            {
                chunks.Add(new ulong[ChunkSize]);
            }

            return chunks[chunk].AsMemory(used, size);
        }
    }
}
