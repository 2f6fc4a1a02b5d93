using System.Collections.Concurrent;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Reads records again and makes their sets of shingles. A record that is too short for one has a set of one hash, which no longer record has.</summary>
internal sealed class ShingleSets(StageContext context, NearDuplicateScorer scorer, DedupOrder order, int[] places)
{
    private const ulong ShortMark = 0xA5A5_5A5A_C3C3_3C3C;

    private readonly ConcurrentBag<Maker> makers = [];
    private readonly ulong[]?[] sets = new ulong[]?[places.Length];

    /// <summary>A node's set; null where it is not held.</summary>
    public ulong[]? this[int node] => sets[node];

    /// <summary>The number of the record that a node stands for.</summary>
    public int NumberOf(int node) => order.Numbers[places[node]];

    /// <summary>Holds the sets of some nodes.</summary>
    /// <param name="nodes">In any order.</param>
    /// <param name="onDone">Hears how many more are done; several threads call.</param>
    public void Load(IReadOnlyCollection<int> nodes, Action<int> onDone)
    {
        Load(context.Pool, 0, nodes, onDone);
        if (order.BaseCount > 0)
        {
            Load(context.Pool.Base!, context.Pool.Count, nodes, onDone);
        }
    }

    public void Release(int node) => sets[node] = null;

    private void Load(Pool pool, int firstNumber, IReadOnlyCollection<int> nodes, Action<int> onDone)
    {
        var wanted = nodes.Where(node => NumberOf(node) - firstNumber is >= 0 and var record && record < pool.Count && sets[node] is null).ToArray();
        var records = Array.ConvertAll(wanted, node => NumberOf(node) - firstNumber);
        Array.Sort(records, wanted);
        new RecordScan(context.Session, pool).Conversations(records, (numbers, batch) =>
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
        private readonly NearDuplicateScorer scorer;
        private readonly Shingler shingler;
        private readonly Shingler.Take take;
        private readonly OverlapCounter counter = new();
        private ulong[] shingles = new ulong[1 << 10];
        private int count;

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

        public ulong[] Make(Records.Conversation conversation)
        {
            count = 0;
            return shingler.Shingle(conversation, scorer.Rule.Part, take, out var whole) ? counter.Distinct(shingles.AsSpan(0, count)) : [whole ^ ShortMark];
        }
    }
}
