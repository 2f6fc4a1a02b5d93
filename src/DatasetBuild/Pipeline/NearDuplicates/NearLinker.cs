using System.Collections.Concurrent;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Links the components of the candidates: first by what is known of their pairs, then, where that is not enough, by reading again the records of the pairs that are not. Components are read in
/// batches, so that memory does not grow with the pool; one that is larger than a batch is read in stretches, of which only the records that stay are held.
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
    private readonly bool[] isAsked = new bool[candidates.Records.Length];
    private long toRead;
    private long read;

    public void Link()
    {
        known.Load();
        var missed = LinkByReading(LinkByKnown());

        // Which pairs are asked for may depend on what came of one that was guessed: such a component is read as a whole.
        foreach (var component in missed)
        {
            foreach (var node in candidates.Component(component))
            {
                isAsked[node] = true;
            }
        }

        if (LinkByReading(missed).Count > 0)
        {
            throw new InvalidOperationException("A component of which all records were read is not linked.");
        }

        known.Save();
    }

    /// <summary>Links components by known pairs, and takes note of the records that are asked for in the others, which are returned in order.</summary>
    private List<int> LinkByKnown()
    {
        if (known.IsEmpty)
        {
            Array.Fill(isAsked, true);
            return [.. Enumerable.Range(0, candidates.ComponentCount)];
        }

        var isOpen = new bool[candidates.ComponentCount];
        const int ComponentsPerTurn = 1024;
        context.Session.Parallel((isOpen.Length + ComponentsPerTurn - 1) / ComponentsPerTurn, turn =>
        {
            var source = new KnownOnly(this);
            for (var i = turn * ComponentsPerTurn; i < Math.Min(isOpen.Length, (turn + 1) * ComponentsPerTurn); i++)
            {
                isOpen[i] = !linkage.TryLink(i, source);
            }
        });
        return [.. Enumerable.Range(0, isOpen.Length).Where(component => isOpen[component])];
    }

    /// <summary>Links components by reading the records that are asked for. Returns those for which these were not all that it takes.</summary>
    private List<int> LinkByReading(List<int> open)
    {
        foreach (var component in open)
        {
            foreach (var node in candidates.Component(component))
            {
                toRead += isAsked[node] ? 1 : 0;
            }
        }

        var (batch, nodes, own, missed) = (new List<int>(), new List<int>(), new List<int>(), new List<int>());
        long bytes = 0;
        foreach (var component in open)
        {
            own.Clear();
            foreach (var node in candidates.Component(component))
            {
                if (isAsked[node])
                {
                    own.Add(node);
                }
            }

            var size = own.Sum(BytesOfNode);
            if (size > batchBytes)
            {
                if (!TryLinkInStretches(component, [.. own]))
                {
                    missed.Add(component);
                }

                continue;
            }

            if (bytes + size > batchBytes)
            {
                LinkBatch(batch, nodes, missed);
                bytes = 0;
            }

            batch.Add(component);
            nodes.AddRange(own);
            bytes += size;
        }

        LinkBatch(batch, nodes, missed);
        return missed;
    }

    /// <summary>Links components by the sets of some of their nodes, and empties both lists.</summary>
    private void LinkBatch(List<int> batch, List<int> nodes, List<int> missed)
    {
        if (batch.Count == 0)
        {
            return;
        }

        sets.Load(nodes, Done);
        var isMissed = new bool[batch.Count];
        const int ComponentsPerTurn = 256;
        context.Session.Parallel((batch.Count + ComponentsPerTurn - 1) / ComponentsPerTurn, turn =>
        {
            var source = idle.TryTake(out var used) ? used : new Compared(this);
            for (var i = turn * ComponentsPerTurn; i < Math.Min(batch.Count, (turn + 1) * ComponentsPerTurn); i++)
            {
                isMissed[i] = !linkage.TryLink(batch[i], source);
            }

            idle.Add(source);
        });
        missed.AddRange(batch.Where((_, i) => isMissed[i]));
        nodes.ForEach(sets.Release);
        sets.ReleaseShared();
        batch.Clear();
        nodes.Clear();
    }

    /// <summary>Links a component by the sets of some of its nodes, which are not all held at a time.</summary>
    private bool TryLinkInStretches(int component, int[] nodes)
    {
        var held = new List<int>();
        var source = new Compared(this)
        {
            OnRetire = node => sets.Release(node),
            OnBegin = node =>
            {
                if (!isAsked[node] || sets.Holds(node))
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
        var isLinked = linkage.TryLink(component, source);
        Array.ForEach(nodes, sets.Release);
        sets.ReleaseShared();
        return isLinked;
    }

    private void Done(int count) => context.Session.Progress(step, Interlocked.Add(ref read, count), toRead);

    private long BytesOfNode(int node) => SetBytesPerTextByte * (long)sets.LengthOf(node);

    /// <summary>The number of a node that is in the pool: the later one, or in a chain past the base the other.</summary>
    private int PoolNumberOf(int node, int earlier) => sets.NumberOf(node) is var number && number < context.Pool.Count ? number : sets.NumberOf(earlier);

    /// <summary>What is known from before. The records of a pair that is not are asked for.</summary>
    private sealed class KnownOnly(NearLinker linker) : IOverlaps
    {
        public void Begin(int node)
        {
        }

        public bool TryGet(int node, int earlier, out Overlap overlap)
        {
            if (linker.known.TryGet(linker.keyOf[node], linker.keyOf[earlier], out overlap))
            {
                return true;
            }

            linker.isAsked[node] = linker.isAsked[earlier] = true;
            return false; // the guess is that they have nothing in common: so as many pairs as possible are asked for
        }

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

            if (!linker.sets.Holds(node) || !linker.sets.Holds(earlier))
            {
                return false;
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
