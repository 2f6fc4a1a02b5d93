namespace DatasetBuild.Selection;

/// <summary>Disjoint sets of the numbers 0 … n-1. The root of a set is its least number, whatever was joined first (METHODS, section 12.3).</summary>
internal sealed class Forest
{
    private readonly int[] parents;

    public Forest(int count)
    {
        parents = new int[count];
        for (var i = 0; i < count; i++)
        {
            parents[i] = i;
        }
    }

    public int Find(int number)
    {
        while (parents[number] != number)
        {
            parents[number] = parents[parents[number]];
            number = parents[number];
        }

        return number;
    }

    public void Join(int left, int right)
    {
        (left, right) = (Find(left), Find(right));
        parents[Math.Max(left, right)] = Math.Min(left, right);
    }

    /// <summary>Puts a number into a set of its own, of which no other number may point to it.</summary>
    public void Reset(int number) => parents[number] = number;

    /// <summary>All sets, by their roots: where each starts, and the members, ascending.</summary>
    public (int[] Starts, int[] Members) Components()
    {
        var sizes = new int[parents.Length];
        var sets = 0;
        for (var i = 0; i < parents.Length; i++)
        {
            sets += sizes[Find(i)]++ == 0 ? 1 : 0;
        }

        var starts = new int[sets + 1];
        var next = sizes;
        for (int i = 0, set = 0, at = 0; i < parents.Length; i++)
        {
            if (parents[i] == i)
            {
                var size = sizes[i];
                starts[set++] = at;
                next[i] = at;
                at += size;
                starts[set] = at;
            }
        }

        var members = new int[parents.Length];
        for (var i = 0; i < parents.Length; i++)
        {
            members[next[Find(i)]++] = i;
        }

        return (starts, members);
    }
}
