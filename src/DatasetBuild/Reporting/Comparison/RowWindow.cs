namespace DatasetBuild.Reporting;

/// <summary>The next rows of a shard, as far as they were looked at.</summary>
internal sealed class RowWindow(IEnumerable<PoolRow> source) : IDisposable
{
    private readonly IEnumerator<PoolRow> rest = source.GetEnumerator();
    private readonly List<PoolRow> window = [];
    private int start;

    public int Count => window.Count - start;

    public PoolRow this[int index] => window[start + index];

    /// <summary>Looks at so many rows, if there are so many; returns how many are in sight, at most so many.</summary>
    public int Fill(int count)
    {
        if (start > 0 && start == window.Count)
        {
            window.Clear();
            start = 0;
        }

        while (Count < count && rest.MoveNext())
        {
            window.Add(rest.Current);
        }

        return Math.Min(count, Count);
    }

    /// <summary>Passes over the next rows, and adds them to <paramref name="kept"/> where that is given.</summary>
    public void Take(int count, List<PoolRow>? kept)
    {
        kept?.AddRange(window.Slice(start, count));
        start += count;
    }

    public void TakeAll(List<PoolRow> kept)
    {
        while (Fill(1) > 0)
        {
            Take(Count, kept);
        }
    }

    public void Dispose() => rest.Dispose();
}
