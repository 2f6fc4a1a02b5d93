namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>Conversations by number: equal numbers give equal records, in every run and on every machine.</summary>
internal static class Prose
{
    private static readonly string[] Words =
    [
        "river", "lake's", "don't", "(the", "Mr.", "can't", "stone,", "gonna", "U.S.", "tree;", "\"light\"", "wind.", "12,500", "we'll", "blüe", "sea!", "a", "海",
    ];

    public static string Conversation(int number, int maxWords = 50)
    {
        var random = new Random(number);
        var answer = string.Join(' ', Enumerable.Range(0, random.Next(1, maxWords)).Select(_ => Words[random.Next(Words.Length)]));
        return Messages.Chat($"What is known of {number}?", answer, ("quality", random.Next(1000) / 7.0));
    }

    /// <summary>Records of which some come again: in this shard, and in others that draw from the same numbers.</summary>
    public static IEnumerable<string> Shard(Random random, int records, int numbers, int maxWords = 50)
    {
        for (var i = 0; i < records; i++)
        {
            yield return Conversation(random.Next(numbers), maxWords);
        }
    }
}
