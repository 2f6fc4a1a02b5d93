namespace DatasetBuild.Tokenization.Jinja;

/// <summary>Python's <c>sorted</c>: stable, also in reverse, and a type error for keys without an order.</summary>
internal static class PythonSort
{
    public static List<T> Sorted<T>(Rendering rendering, IEnumerable<T> items, Func<T, object?> key, bool isReversed)
    {
        var keyed = items.Select(item => (Item: item, Key: key(item))).ToList();
        rendering.MakeItems(keyed.Count);
        return [.. MergeSorted(rendering, keyed, isReversed).Select(pair => pair.Item)];
    }

    /// <summary>A merge sort, because one that must not be stable may compare what Python never compares.</summary>
    private static List<(T Item, object? Key)> MergeSorted<T>(Rendering rendering, List<(T Item, object? Key)> items, bool isReversed)
    {
        if (items.Count < 2)
        {
            return items;
        }

        var left = MergeSorted(rendering, items[..(items.Count / 2)], isReversed);
        var right = MergeSorted(rendering, items[(items.Count / 2)..], isReversed);
        var merged = new List<(T, object?)>(items.Count);
        int l = 0, r = 0;
        while (l < left.Count && r < right.Count)
        {
            rendering.Step();
            var takesRight = isReversed
                ? Operators.Compare(rendering, "<", left[l].Key, right[r].Key) < 0
                : Operators.Compare(rendering, "<", right[r].Key, left[l].Key) < 0;
            merged.Add(takesRight ? right[r++] : left[l++]);
        }

        merged.AddRange(left[l..]);
        merged.AddRange(right[r..]);
        return merged;
    }
}
