namespace DatasetBuild.Tokenization;

/// <summary>A value for each code point in one of many runs.</summary>
internal sealed class CodePointRuns(int[] firsts, int[] lasts, int[] values)
{
    public int Count => firsts.Length;

    /// <summary>The value of the run that holds the code point, or <paramref name="otherwise"/>.</summary>
    public int Find(int code, int otherwise)
    {
        var place = Array.BinarySearch(firsts, code);
        place = place >= 0 ? place : ~place - 1;
        return place >= 0 && code <= lasts[place] ? values[place] : otherwise;
    }

    /// <summary>The code points that have a value, ascending.</summary>
    public IEnumerable<int> Codes() => firsts.SelectMany((first, i) => Enumerable.Range(first, lasts[i] - first + 1));
}
