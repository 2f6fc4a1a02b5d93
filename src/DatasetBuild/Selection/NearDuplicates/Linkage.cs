namespace DatasetBuild.Selection;

/// <summary>Which duplicates are one cluster.</summary>
public enum LinkageKind
{
    /// <summary>Those that resemble their survivor.</summary>
    Star,

    /// <summary>Those that a chain of resemblances connects.</summary>
    Connected,
}

/// <summary>What is known, or found out, of pairs of nodes.</summary>
internal interface IOverlaps
{
    /// <summary>From now on <paramref name="node"/> is compared with earlier ones.</summary>
    void Begin(int node);

    /// <summary>False where it cannot be told now: then <paramref name="overlap"/> is a guess.</summary>
    bool TryGet(int node, int earlier, out Overlap overlap);

    /// <summary>No later node is compared with this one.</summary>
    void Retire(int node);
}

/// <summary>
/// Decides, component by component, which nodes stay and for which of them the others are dropped. Nodes are taken in the order of preference, each is compared with
/// earlier ones that share a bucket with it: what comes out depends on that order and on the pairs' similarities alone. A bucket remembers the first
/// <see cref="MaxListed"/> nodes to compare with, so that the work is linear however many records share a key. Different components may be linked on different threads.
/// </summary>
internal abstract class Linkage(Candidates candidates, int fixedCount, JaccardThreshold threshold)
{
    /// <summary>A bucket that has so many nodes to compare with takes no more.</summary>
    public const int MaxListed = 128;

    private readonly int[] listed = new int[candidates.BucketEntries];
    private readonly int[] listedCounts = new int[candidates.BucketCount];
    private readonly int[] comparedWith = new int[candidates.Records.Length];
    private int crowded;

    /// <summary>For each node the one that survives in its place: itself, or an earlier one.</summary>
    public int[] Survivors { get; } = [.. Enumerable.Range(0, candidates.Records.Length)];

    /// <summary>For each node that is dropped, the pair that did it: with its survivor, or for a chain with a neighbour in it.</summary>
    public Overlap[] Links { get; } = new Overlap[candidates.Records.Length];

    /// <summary>How many nodes were dropped by no comparison and met a bucket that had taken no more.</summary>
    public int Crowded => crowded;

    /// <summary>Nodes below this number stay in any case, and are not compared with each other.</summary>
    protected int FixedCount => fixedCount;

    protected Candidates Candidates => candidates;

    public static Linkage Of(LinkageKind kind, Candidates candidates, int fixedCount, JaccardThreshold threshold) => kind == LinkageKind.Star
        ? new StarLinkage(candidates, fixedCount, threshold)
        : new ConnectedLinkage(candidates, fixedCount, threshold);

    /// <summary>Links one component; false where a pair was guessed, and then nothing is decided in it.</summary>
    public bool TryLink(int component, IOverlaps overlaps)
    {
        var nodes = candidates.Component(component);
        var unmatched = 0;
        var isCertain = true;
        var partners = new List<int>();
        foreach (var node in nodes)
        {
            overlaps.Begin(node);
            Gather(node, partners, out var isCrowded);
            isCertain &= TryPlace(node, partners, overlaps, out var isCompared);
            if (isCompared)
            {
                unmatched += isCrowded && IsAlone(node) ? 1 : 0;
                isCompared = List(node);
            }

            if (!isCompared)
            {
                overlaps.Retire(node);
            }
        }

        if (!isCertain)
        {
            Forget(nodes);
            return false;
        }

        Finish(nodes);
        Interlocked.Add(ref crowded, unmatched);
        return true;
    }

    protected bool IsSimilar(Overlap overlap) => threshold.IsReached(overlap);

    protected abstract void Reset(int node);

    /// <summary>Compares a node with earlier ones, ascending; tells whether later nodes are to be compared with it. False where a pair was guessed.</summary>
    protected abstract bool TryPlace(int node, List<int> partners, IOverlaps overlaps, out bool isCompared);

    /// <summary>Whether a node stays so far, and stands for itself.</summary>
    protected abstract bool IsAlone(int node);

    protected virtual void Finish(ReadOnlySpan<int> nodes)
    {
    }

    /// <summary>As if nothing had been decided of a component yet.</summary>
    private void Forget(ReadOnlySpan<int> nodes)
    {
        foreach (var node in nodes)
        {
            comparedWith[node] = 0;
            Links[node] = default;
            Reset(node);
            foreach (var bucket in candidates.BucketsOf(node))
            {
                listedCounts[bucket] = 0;
            }
        }
    }

    /// <summary>The nodes that share a bucket with this one, ascending, each once.</summary>
    private void Gather(int node, List<int> partners, out bool isCrowded)
    {
        partners.Clear();
        isCrowded = false;
        foreach (var bucket in candidates.BucketsOf(node))
        {
            isCrowded |= listedCounts[bucket] == MaxListed;
            foreach (var partner in listed.AsSpan(candidates.StartOf(bucket), listedCounts[bucket]))
            {
                if (comparedWith[partner] != node + 1 && (node >= fixedCount || partner >= fixedCount))
                {
                    comparedWith[partner] = node + 1; // 0 is none
                    partners.Add(partner);
                }
            }
        }

        partners.Sort();
    }

    /// <summary>Lets later nodes be compared with this one; false where its buckets take no more.</summary>
    private bool List(int node)
    {
        var isListed = false;
        foreach (var bucket in candidates.BucketsOf(node))
        {
            if (listedCounts[bucket] < MaxListed)
            {
                listed[candidates.StartOf(bucket) + listedCounts[bucket]++] = node;
                isListed = true;
            }
        }

        return isListed;
    }
}

/// <summary>A node is dropped for the first of those that stay that it resembles: none is further from its survivor than the threshold says.</summary>
internal sealed class StarLinkage(Candidates candidates, int fixedCount, JaccardThreshold threshold) : Linkage(candidates, fixedCount, threshold)
{
    protected override void Reset(int node) => Survivors[node] = node;

    protected override bool IsAlone(int node) => Survivors[node] == node;

    protected override bool TryPlace(int node, List<int> partners, IOverlaps overlaps, out bool isCompared)
    {
        isCompared = true;
        if (node < FixedCount)
        {
            return true;
        }

        var isCertain = true;
        foreach (var partner in partners)
        {
            isCertain &= overlaps.TryGet(node, partner, out var overlap);
            if (IsSimilar(overlap))
            {
                Survivors[node] = partner;
                Links[node] = overlap;
                isCompared = false;
                break;
            }
        }

        return isCertain;
    }
}

/// <summary>Of all nodes that chains of resemblances connect the first stays.</summary>
internal sealed class ConnectedLinkage(Candidates candidates, int fixedCount, JaccardThreshold threshold) : Linkage(candidates, fixedCount, threshold)
{
    private readonly Forest sets = new(candidates.Records.Length);

    protected override void Reset(int node) => sets.Reset(node);

    protected override bool IsAlone(int node) => sets.Find(node) == node;

    protected override bool TryPlace(int node, List<int> partners, IOverlaps overlaps, out bool isCompared)
    {
        isCompared = true;
        var isCertain = true;
        foreach (var partner in partners)
        {
            if (sets.Find(partner) == sets.Find(node))
            {
                continue;
            }

            isCertain &= overlaps.TryGet(node, partner, out var overlap);
            if (IsSimilar(overlap))
            {
                sets.Join(node, partner);
                Links[node] = Links[node].Together == 0 ? overlap : Links[node];
                Links[partner] = Links[partner].Together == 0 ? overlap : Links[partner];

                // Whatever resembles one of two equal sets resembles the other.
                isCompared &= overlap.Common < overlap.Together;
            }
        }

        return isCertain;
    }

    protected override void Finish(ReadOnlySpan<int> nodes)
    {
        foreach (var node in nodes)
        {
            Survivors[node] = node < FixedCount ? node : sets.Find(node);
        }
    }
}
