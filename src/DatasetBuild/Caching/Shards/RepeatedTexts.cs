namespace DatasetBuild.Caching;

/// <summary>Keeps one copy of texts that come again and again: a shard of the wrong kind has one reason for each of its records.</summary>
internal sealed class RepeatedTexts
{
    private const int MaxKept = 1000;
    private readonly HashSet<string> kept = new(StringComparer.Ordinal);

    /// <summary>The same text, in the copy that is kept.</summary>
    internal string One(string text)
    {
        if (kept.TryGetValue(text, out var one))
        {
            return one;
        }

        if (kept.Count < MaxKept)
        {
            kept.Add(text);
        }

        return text;
    }
}
