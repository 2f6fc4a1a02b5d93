using System.Runtime.CompilerServices;
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
    private readonly double[] values = scores.Value;
    private readonly ulong flip = highest ? ulong.MaxValue : 0;

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

        var cut = RadixSelect.Find(records, values, flip, k - 1, out var better, out var tied);
        var upToCut = new int[better + tied];
        for (int i = 0, next = 0; next < upToCut.Length; i++)
        {
            // Written always and counted where it is inside: no branch to be guessed wrong.
            upToCut[next] = records[i];
            next += RankOf(records[i]) <= cut ? 1 : 0;
        }

        return better + tied == k ? upToCut : WithoutLastTied(upToCut, cut, tied, k - better);
    }

    /// <summary>All records, best first.</summary>
    public int[] All()
    {
        var order = (int[])records.Clone();
        var sortedRanks = new ulong[records.Length];
        for (var i = 0; i < sortedRanks.Length; i++)
        {
            sortedRanks[i] = RankOf(records[i]);
        }

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

    /// <summary>Of the records up to the cut all that are better than it, and of those on it the first <paramref name="needed"/>.</summary>
    private int[] WithoutLastTied(int[] upToCut, ulong cut, int tiedCount, int needed)
    {
        var tied = new int[tiedCount];
        var next = 0;
        foreach (var record in upToCut)
        {
            if (RankOf(record) == cut)
            {
                tied[next++] = record;
            }
        }

        if (!byPosition)
        {
            Array.Sort(tied, CompareTied);
            Array.Sort(tied, 0, needed);
        }

        var first = new int[upToCut.Length - tiedCount + needed];
        int written = 0, taken = 0;
        foreach (var record in upToCut)
        {
            var isTied = RankOf(record) == cut;
            if (!isTied || (taken < needed && tied[taken] == record))
            {
                taken += isTied ? 1 : 0;
                first[written++] = record;
            }
        }

        return first;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong RankOf(int record) => RadixSelect.Orderable(values[record]) ^ flip;
}
