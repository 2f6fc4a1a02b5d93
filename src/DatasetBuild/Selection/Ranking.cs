using DatasetBuild.Records;

namespace DatasetBuild.Selection;

/// <summary>
/// Ranks records by score: the preferred end first; ties by record key and then canonical order, or by canonical order alone.
/// Only as much is sorted as a question needs.
/// </summary>
/// <param name="records">Numbers in ascending order, each with a value.</param>
/// <param name="scores">The values.</param>
/// <param name="keys">The keys of all records of the pool.</param>
/// <param name="highest">Whether the highest value ranks first.</param>
/// <param name="byPosition">Whether ties break by canonical order alone.</param>
public sealed class Ranking(int[] records, Scores scores, RecordKey[] keys, bool highest, bool byPosition)
{
    private readonly ulong[] ranks = Array.ConvertAll(records, record => Rank(scores.Value[record], highest));

    /// <summary>The first <paramref name="k"/> records, in canonical order; all where there are fewer.</summary>
    public int[] First(int k)
    {
        if (k >= records.Length)
        {
            return records;
        }

        if (k <= 0)
        {
            return [];
        }

        var cut = RadixSelect.Find(ranks, k - 1);
        var tied = new List<int>();
        var better = 0;
        for (var i = 0; i < ranks.Length; i++)
        {
            better += ranks[i] < cut ? 1 : 0;
            if (ranks[i] == cut)
            {
                tied.Add(records[i]);
            }
        }

        var needed = k - better;
        if (!byPosition && needed < tied.Count)
        {
            tied.Sort(CompareTied);
        }

        tied.RemoveRange(needed, tied.Count - needed);
        tied.Sort();
        return Merge(cut, tied, k);
    }

    /// <summary>All records, best first.</summary>
    public int[] All()
    {
        var order = (int[])records.Clone();
        var sortedRanks = (ulong[])ranks.Clone();
        Array.Sort(sortedRanks, order);
        for (var from = 0; from < order.Length;)
        {
            var to = from + 1;
            while (to < order.Length && sortedRanks[to] == sortedRanks[from])
            {
                to++;
            }

            var tied = order.AsSpan(from, to - from);
            if (byPosition)
            {
                tied.Sort();
            }
            else
            {
                tied.Sort(CompareTied);
            }

            from = to;
        }

        return order;
    }

    private int CompareTied(int left, int right)
    {
        var byKey = keys[left].CompareTo(keys[right]);
        return byKey != 0 ? byKey : left.CompareTo(right);
    }

    private int[] Merge(ulong cut, List<int> tied, int k)
    {
        var first = new int[k];
        int written = 0, nextTied = 0;
        for (var i = 0; i < ranks.Length; i++)
        {
            if (ranks[i] < cut || (ranks[i] == cut && nextTied < tied.Count && tied[nextTied] == records[i]))
            {
                nextTied += ranks[i] == cut ? 1 : 0;
                first[written++] = records[i];
            }
        }

        return first;
    }

    private static ulong Rank(double value, bool highest) => highest ? ~RadixSelect.Orderable(value) : RadixSelect.Orderable(value);
}
