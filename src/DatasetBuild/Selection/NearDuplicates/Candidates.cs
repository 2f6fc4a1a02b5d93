namespace DatasetBuild.Selection;

/// <summary>
/// The records that have a band key in common with another, as nodes of a graph whose edges are the buckets: all records with one key. Nodes are numbered in the order of
/// preference, as the records are that they stand for. A component is a set of nodes that no bucket leaves: what happens in it happens without the others.
/// </summary>
internal sealed class Candidates
{
    private readonly int[] bucketStarts;
    private readonly int[] bucketMembers;
    private readonly int[] nodeStarts;
    private readonly int[] nodeBuckets;
    private readonly int[] componentStarts;
    private readonly int[] componentMembers;

    /// <param name="recordCount">How many records there are.</param>
    /// <param name="matches">Of each band what <see cref="BandMatches"/> found.</param>
    public Candidates(int recordCount, IReadOnlyList<ulong[]> matches)
    {
        (Records, var nodeOf) = Number(recordCount, matches);
        var parents = new Forest(Records.Length);
        long entries = 0;
        var buckets = 0;
        foreach (var band in matches)
        {
            for (var i = 0; i < band.Length; i++)
            {
                var isNew = i == 0 || band[i] >> 32 != band[i - 1] >> 32;
                buckets += isNew ? 1 : 0;
                entries += isNew ? 2 : 1;
            }
        }

        bucketStarts = new int[buckets + 1];
        bucketMembers = new int[checked((int)entries)];
        nodeStarts = new int[Records.Length + 1];
        var (bucket, next) = (-1, 0);
        foreach (var band in matches)
        {
            for (var i = 0; i < band.Length; i++)
            {
                var (first, member) = (nodeOf[band[i] >> 32], nodeOf[(uint)band[i]]);
                if (i == 0 || band[i] >> 32 != band[i - 1] >> 32)
                {
                    bucketStarts[++bucket] = next;
                    bucketMembers[next++] = first;
                    nodeStarts[first + 1]++;
                }

                bucketMembers[next++] = member;
                nodeStarts[member + 1]++;
                parents.Join(first, member);
            }
        }

        bucketStarts[buckets] = next;
        nodeBuckets = Invert();
        (componentStarts, componentMembers) = parents.Components();
    }

    /// <summary>The record of each node, ascending.</summary>
    public int[] Records { get; }

    public int BucketEntries => bucketMembers.Length;

    public int BucketCount => bucketStarts.Length - 1;

    public int ComponentCount => componentStarts.Length - 1;

    /// <summary>A component's nodes, ascending; two or more.</summary>
    public ReadOnlySpan<int> Component(int number) => componentMembers.AsSpan(componentStarts[number], componentStarts[number + 1] - componentStarts[number]);

    public ReadOnlySpan<int> BucketsOf(int node) => nodeBuckets.AsSpan(nodeStarts[node], nodeStarts[node + 1] - nodeStarts[node]);

    /// <summary>Where a bucket's members would start, were all buckets laid end to end.</summary>
    public int StartOf(int bucket) => bucketStarts[bucket];

    public int SizeOf(int bucket) => bucketStarts[bucket + 1] - bucketStarts[bucket];

    private static (int[] Records, int[] NodeOf) Number(int recordCount, IReadOnlyList<ulong[]> matches)
    {
        var nodeOf = new int[recordCount];
        foreach (var band in matches)
        {
            foreach (var match in band)
            {
                nodeOf[match >> 32] = 1;
                nodeOf[(uint)match] = 1;
            }
        }

        var records = new List<int>();
        for (var record = 0; record < nodeOf.Length; record++)
        {
            if (nodeOf[record] != 0)
            {
                nodeOf[record] = records.Count;
                records.Add(record);
            }
        }

        return ([.. records], nodeOf);
    }

    /// <summary>For each node its buckets.</summary>
    private int[] Invert()
    {
        for (var node = 1; node < nodeStarts.Length; node++)
        {
            nodeStarts[node] += nodeStarts[node - 1];
        }

        var next = nodeStarts[..^1];
        var inverse = new int[bucketMembers.Length];
        for (var bucket = 0; bucket < bucketStarts.Length - 1; bucket++)
        {
            foreach (var member in bucketMembers.AsSpan(bucketStarts[bucket], SizeOf(bucket)))
            {
                inverse[next[member]++] = bucket;
            }
        }

        return inverse;
    }
}
