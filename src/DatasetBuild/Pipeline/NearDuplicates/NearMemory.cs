namespace DatasetBuild.Pipeline;

/// <summary>What a search for near duplicates may hold at once, under <c>DatasetMemoryLimit</c>. The result does not depend on it.</summary>
internal static class NearMemory
{
    /// <summary>What a build needs besides: runtime and buffers.</summary>
    private const long Fixed = 64L << 20;

    /// <summary>Of each record its key, fate, score and places, and what a band's search for equal keys takes.</summary>
    private const int PerRecord = 116;

    private const long LargestBatch = 32L << 20;
    private const long SmallestBatch = 4L << 20;

    /// <summary>For how many bands the keys of all records are held; all of them where there is no limit, and one at least.</summary>
    public static int BandsAtOnce(long? limit, int records, int bands) =>
        limit is null ? bands : (int)Math.Clamp(((long)(limit.Value * MemoryKeeper.Near) - Fixed - ((long)records * PerRecord)) / Math.Max(1, (long)records * sizeof(ulong)), 1, bands);

    /// <summary>The least limit that can be kept: with the keys of one band.</summary>
    public static long Least(int records) => (long)((Fixed + (records * (long)(PerRecord + sizeof(ulong)))) / MemoryKeeper.Near);

    /// <summary>How many bytes of shingles are held while components are linked.</summary>
    public static long BatchBytes(long? limit) => limit is null ? LargestBatch : Math.Clamp(limit.Value / 8, SmallestBatch, LargestBatch);
}
