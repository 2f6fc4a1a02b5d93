using DatasetBuild.Scoring;

namespace DatasetBuild.Tool.Answers;

/// <summary>Neighbouring words that one text has in the place of those of another; either may be none.</summary>
internal sealed record WordChange(string Removed, string Added)
{
    public override string ToString() => $"{(Removed.Length > 0 ? $"[-{Removed}-]" : "")}{(Added.Length > 0 ? $"{{+{Added}+}}" : "")}";
}

/// <summary>
/// What must be changed in one text to have another, in words: the fewest words, by the longest common subsequence. A letter of a script that is written without spaces is a word, as it is to
/// the stages.
/// </summary>
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
            ? [new WordChange(Text(left.Take(MostWords)), Text(right.Take(MostWords)))]
            : Changes(left, right);
    }

    private static readonly CharacterTable Characters = new(FoldingRule.Default);

    /// <summary>Each with the space before it, if it stands behind one.</summary>
    private static string[] Words(string text)
    {
        var words = new List<string>();
        foreach (var spaced in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var (from, to, isAlone, space) = (0, 0, false, " ");
            foreach (var rune in spaced.EnumerateRunes())
            {
                var kinds = Characters.Of(rune.Value);
                if (kinds.HasFlag(CharacterKinds.Alone) || (isAlone && !kinds.HasFlag(CharacterKinds.Mark)))
                {
                    End();
                    isAlone = kinds.HasFlag(CharacterKinds.Alone);
                }

                to += rune.Utf16SequenceLength;
            }

            End();

            void End()
            {
                if (to > from)
                {
                    words.Add(space + spaced[from..to]);
                    (from, space) = (to, "");
                }
            }
        }

        return [.. words];
    }

    private static string Text(IEnumerable<string> words) => string.Concat(words).Trim();

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
                changes.Add(new WordChange(Text(removed), Text(added)));
                removed.Clear();
                added.Clear();
            }
        }
    }
}
