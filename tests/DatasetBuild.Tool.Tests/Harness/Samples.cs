using DatasetBuild.EndToEnd.Tests.Harness;

namespace DatasetBuild.Tool.Tests.Harness;

internal static class Samples
{
    /// <summary>
    /// Two shards of five records with answers of 1 to 5 words and a rating; the second one's last record repeats the first one's last. `Duplicates`
    /// drops that, `Short` the answers of one word, `Rated` all but the best half of the seven that are left with a rating, and the one without.
    /// </summary>
    public static SamplePlan TwoShards() => new SamplePlan()
        .Shard("data/a.jsonl", Enumerable.Range(1, 5).Select(words => Record("river", words, words / 2.0)))
        .Shard("data/b.jsonl", [.. Enumerable.Range(1, 4).Select(words => Record("lake", words, words == 3 ? null : words)), Record("river", 5, 1)])
        .Stage("Duplicates", ("Kind", "ExactDedup"))
        .Stage("Short", ("Kind", "TokenLength"), ("Part", "Response"), ("Counter", "Words"), ("Min", "2"))
        .Stage("Rated", ("Kind", "Column"), ("Field", "quality"), ("Keep", "50%"));

    public static string Record(string subject, int words, double? quality = null)
    {
        var response = string.Join(' ', Enumerable.Repeat(subject, words));
        return quality is { } rating
            ? Messages.Chat($"Say {subject} {words} times.", response, ("quality", rating))
            : Messages.Chat($"Say {subject} {words} times.", response);
    }
}
