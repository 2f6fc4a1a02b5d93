using System.Collections.Concurrent;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Links the components of the candidates: first by what is known of their pairs, then, of those where that is not enough, by reading their records again. Components are read in batches, so that
/// memory does not grow with the pool; one that is larger than a batch is read in stretches, of which only the records that stay are held.
/// </summary>
internal sealed class NearLinker(StageContext context, NearDuplicateScorer scorer, DedupOrder order, Candidates candidates, Linkage linkage, long batchBytes)
{
    /// <summary>A shingle takes 8 bytes; a word and its space seldom less than 4.</summary>
    private const int SetBytesPerTextByte = 2;

    /// <summary>So many pairs of a record are kept. More have only those that share a key with ever so many and resemble none: comparing them again costs less than holding all of their pairs.</summary>
    private const int MaxKeptPairs = 32;

    private readonly ShingleSets sets = new(context, scorer, order, candidates.Records);
    private readonly KnownOverlaps known = new(
        context.Session, context.Pool, System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{scorer.Rule.Part}\n{scorer.Rule.Shingles.Identity}")));

    // By node: one step instead of three through arrays of the pool's size.
    private readonly Records.RecordKey[] keyOf = Array.ConvertAll(candidates.Records, place => order.Keys[order.Numbers[place]]);

    private readonly string step = $"{context.Session.Plan.Stages[context.Number].Name} (compare)";
    private readonly ConcurrentBag<Compared> idle = []; // what a thread compares with, for the next one
    private long toRead;
    private long read;

    public void Link()
    {
        known.Load();
        var open = new bool[candidates.ComponentCount];
        const int ComponentsPerTurn = 1024;
        context.Session.Parallel((candidates.ComponentCount + ComponentsPerTurn - 1) / ComponentsPerTurn, turn =>
        {
            var source = new KnownOnly(this);
            for (var i = turn * ComponentsPerTurn; i < Math.Min(candidates.ComponentCount, (turn + 1) * ComponentsPerTurn); i++)
            {
                open[i] = !linkage.TryLink(i, source);
            }
        });

        for (var component = 0; component < open.Length; component++)
        {
            toRead += open[component] ? candidates.Component(component).Length : 0;
        }

        List<int> batch = [];
        long bytes = 0;
        for (var component = 0; component < open.Length; component++)
        {
            if (!open[component])
            {
                continue;
            }

            var size = BytesOf(component);
            if (size > batchBytes)
            {
                LinkInStretches(component);
                continue;
            }

            if (bytes + size > batchBytes)
            {
                LinkBatch(batch);
                bytes = 0;
            }

            batch.Add(component);
            bytes += size;
        }

        LinkBatch(batch);
        known.Save();
    }

    private void LinkBatch(List<int> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var nodes = new List<int>();
        foreach (var component in batch)
        {
            nodes.AddRange(candidates.Component(component));
        }

        sets.Load(nodes, Done);
        const int ComponentsPerTurn = 256;
        context.Session.Parallel((batch.Count + ComponentsPerTurn - 1) / ComponentsPerTurn, turn =>
        {
            var source = idle.TryTake(out var used) ? used : new Compared(this);
            foreach (var component in batch.Skip(turn * ComponentsPerTurn).Take(ComponentsPerTurn))
            {
                linkage.TryLink(component, source);
            }

            idle.Add(source);
        });
        nodes.ForEach(sets.Release);
        sets.ReleaseShared();
        batch.Clear();
    }

    private void LinkInStretches(int component)
    {
        var nodes = candidates.Component(component).ToArray();
        var held = new List<int>();
        var source = new Compared(this)
        {
            OnRetire = node => sets.Release(node),
            OnBegin = node =>
            {
                if (sets.Holds(node))
                {
                    return;
                }

                // Of the stretch before only those stay that later ones are compared with.
                held.Where(sets.Holds).ToList().ForEach(sets.Keep);
                held.Clear();
                sets.ReleaseShared();

                var at = Array.BinarySearch(nodes, node);
                long bytes = 0;
                var to = at;
                while (to < nodes.Length && (to == at || bytes < batchBytes))
                {
                    bytes += BytesOfNode(nodes[to++]);
                }

                sets.Load(nodes[at..to], Done);
                held.AddRange(nodes.AsSpan(at..to));
            },
        };
        linkage.TryLink(component, source);
        Array.ForEach(nodes, sets.Release);
        sets.ReleaseShared();
    }

    private void Done(int count) => context.Session.Progress(step, Interlocked.Add(ref read, count), toRead);

    private long BytesOf(int component)
    {
        long bytes = 0;
        foreach (var node in candidates.Component(component))
        {
            bytes += BytesOfNode(node);
        }

        return bytes;
    }

    private long BytesOfNode(int node) => SetBytesPerTextByte * (long)sets.LengthOf(node);

    /// <summary>The number of a node that is in the pool: the later one, or in a chain past the base the other.</summary>
    private int PoolNumberOf(int node, int earlier) => sets.NumberOf(node) is var number && number < context.Pool.Count ? number : sets.NumberOf(earlier);

    /// <summary>What is known from before.</summary>
    private sealed class KnownOnly(NearLinker linker) : IOverlaps
    {
        public void Begin(int node)
        {
        }

        public bool TryGet(int node, int earlier, out Overlap overlap) => linker.known.TryGet(linker.keyOf[node], linker.keyOf[earlier], out overlap);

        public void Retire(int node)
        {
        }
    }

    /// <summary>What is known, and for the rest the sets themselves.</summary>
    private sealed class Compared(NearLinker linker) : IOverlaps
    {
        private readonly OverlapCounter counter = new();
        private int inUse = -1;
        private int kept;

        public Action<int>? OnBegin { get; init; }

        public Action<int>? OnRetire { get; init; }

        public void Begin(int node)
        {
            (inUse, kept) = (-1, 0);
            OnBegin?.Invoke(node);
        }

        public bool TryGet(int node, int earlier, out Overlap overlap)
        {
            var (key, other) = (linker.keyOf[node], linker.keyOf[earlier]);
            if (linker.known.TryGet(key, other, out overlap))
            {
                return true;
            }

            if (inUse != node)
            {
                counter.Use(linker.sets[node]);
                inUse = node;
            }

            overlap = counter.With(linker.sets[earlier]);
            if (kept++ < MaxKeptPairs)
            {
                linker.known.Add(linker.PoolNumberOf(node, earlier), key, other, overlap);
            }

            return true;
        }

        public void Retire(int node) => OnRetire?.Invoke(node);
    }
}
