namespace DatasetBuild.Pipeline;

/// <summary>Some steps make a few large arrays and are done with them; left alone these would lie there until the next ones are full, and a build would hold several times what it needs.</summary>
internal static class LargeArrays
{
    private const long WorthIt = 8L << 20;

    /// <summary>Gives back what nobody holds any more.</summary>
    /// <param name="bytes">About how much that is; for a little nothing is done.</param>
    public static void LetGo(long bytes)
    {
        if (bytes >= WorthIt)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
        }
    }
}
