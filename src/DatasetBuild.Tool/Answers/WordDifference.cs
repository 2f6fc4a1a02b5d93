namespace DatasetBuild.Tool.Answers;

/// <summary>Neighbouring words that one text has in the place of those of another; either may be none.</summary>
internal sealed record WordChange(string Removed, string Added)
{
    public override string ToString() => $"{(Removed.Length > 0 ? $"[-{Removed}-]" : "")}{(Added.Length > 0 ? $"{{+{Added}+}}" : "")}";
}

/// <summary>What must be changed in one text to have another, in words: the fewest words, by the longest common subsequence.</summary>
internal static class WordDifference
{
    /// <summary>Of longer texts the middle is left out where it differs: what people want to see is where two texts part.</summary>
    private const int MostWords = 2000;

    /// <param name="from">The text that stays.</param>
    /// <param name="to">The other.</param>
    public static List<WordChange> Of(string from, string to)
    {
        var (left, right) = (Words(from), Words(to));
        var start = 0;
        while (start < Math.Min(left.Length, right.Length) && left[start] == right[start])
        {
            start++;
        }

        var end = 0;
        while (end < Math.Min(left.Length, right.Length) - start && left[^(end + 1)] == right[^(end + 1)])
        {
            end++;
        }

        left = left[start..^end];
        right = right[start..^end];
        return left.Length > MostWords || right.Length > MostWords
            ? [new WordChange(string.Join(' ', left.Take(MostWords)), string.Join(' ', right.Take(MostWords)))]
            : Changes(left, right);
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static List<WordChange> Changes(string[] left, string[] right)
    {
        // common[i, j]: how many words the rest of the left from i on and of the right from j on have in common, in order.
        var common = new ushort[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
            {
                common[i, j] = left[i] == right[j] ? (ushort)(common[i + 1, j + 1] + 1) : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var changes = new List<WordChange>();
        List<string> removed = [], added = [];
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j])
            {
                Flush();
                (i, j) = (i + 1, j + 1);
            }
            else if (j == right.Length || (i < left.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                removed.Add(left[i++]);
            }
            else
            {
                added.Add(right[j++]);
            }
        }

        Flush();
        return changes;

        void Flush()
        {
            if (removed.Count + added.Count > 0)
            {
                changes.Add(new WordChange(string.Join(' ', removed), string.Join(' ', added)));
                removed.Clear();
                added.Clear();
            }
        }
    }
}
