namespace DatasetBuild.Reporting;

/// <summary>An evaluation item that a record shares words with.</summary>
/// <param name="Item">Where the item stands, as <c>file:line</c>.</param>
/// <param name="Words">The shared words, folded, in a row.</param>
public sealed record EvaluationMatch(string Item, string Words)
{
    /// <summary>More than is needed to see what is shared; a record that is an item word for word may have thousands.</summary>
    private const int MostWords = 64;

    /// <summary>The first of the shared words, the cut marked.</summary>
    public string Start
    {
        get
        {
            var end = -1;
            for (var words = 0; words < MostWords; words++)
            {
                end = Words.IndexOf(' ', end + 1);
                if (end < 0)
                {
                    return Words;
                }
            }

            return Words[..end] + " …";
        }
    }
}
