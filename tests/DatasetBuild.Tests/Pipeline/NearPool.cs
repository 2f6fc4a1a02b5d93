using System.Text.Json;
using System.Text.RegularExpressions;

namespace DatasetBuild.Tests.Pipeline;

/// <summary>
/// A small pool of texts of which many resemble each other, and what becomes of it by comparing every pair: sets of word sequences as strings, no hash, no band.
/// </summary>
internal sealed class NearPool
{
    private static readonly string[] Vocabulary = [.. Enumerable.Range(0, 40).Select(i => $"w{i}")];

    private readonly Random random;

    public NearPool(int seed, int count)
    {
        random = new Random(seed);
        while (Texts.Count < count)
        {
            Texts.Add(Texts.Count > 0 && random.Next(3) > 0 ? Edited(Texts[random.Next(Texts.Count)]) : Fresh());
        }
    }

    public List<string> Texts { get; } = [];

    public static string Record(string text) => JsonSerializer.Serialize(new { prompt = text, completion = "" });

    /// <summary>For each text the one that survives in its place, by comparing all pairs in order.</summary>
    public static int[] Survivors(IReadOnlyList<string> texts, double threshold, bool connected, IReadOnlyList<int>? priorities = null, int fixedCount = 0)
    {
        var order = Enumerable.Range(0, texts.Count).OrderByDescending(i => i < fixedCount).ThenByDescending(i => priorities?[i] ?? 0).ThenBy(i => i).ToList();
        var sets = texts.Select(SetOf).ToList();
        var survivors = Enumerable.Range(0, texts.Count).ToArray();
        if (!connected)
        {
            var kept = new List<int>();
            foreach (var i in order)
            {
                survivors[i] = i < fixedCount ? i : kept.Append(i).First(j => j == i || Similar(i, j));
                if (survivors[i] == i)
                {
                    kept.Add(i);
                }
            }

            return survivors;
        }

        var seen = new HashSet<int>();
        foreach (var start in order)
        {
            var reached = new Queue<int>([start]);
            while (reached.TryDequeue(out var i))
            {
                if (seen.Add(i))
                {
                    survivors[i] = i < fixedCount ? i : start;
                    order.Where(j => !seen.Contains(j) && Similar(i, j)).ToList().ForEach(reached.Enqueue);
                }
            }
        }

        return survivors;

        bool Similar(int i, int j) => texts[i] == texts[j] || (sets[i].Count == 0 || sets[j].Count == 0
            ? sets[i].Count == sets[j].Count && Words(texts[i]).SequenceEqual(Words(texts[j])) && Words(texts[i]).Length > 0
            : sets[i].Intersect(sets[j]).Count() >= threshold * sets[i].Union(sets[j]).Count());
    }

    public string Edited(string text)
    {
        var words = text.Split(' ').ToList();
        for (var edits = random.Next(3); edits > 0 && words.Count > 0; edits--)
        {
            var at = random.Next(words.Count);
            switch (random.Next(3))
            {
                case 0:
                    words[at] = Word();
                    break;
                case 1:
                    words.RemoveAt(at);
                    break;
                default:
                    words.Insert(at, Word());
                    break;
            }
        }

        return random.Next(4) == 0 ? string.Join("  ", words).ToUpperInvariant() + "!" : string.Join(' ', words);
    }

    private string Word() => Vocabulary[random.Next(Vocabulary.Length)];

    private string Fresh() => string.Join(' ', Enumerable.Range(0, random.Next(14)).Select(_ => Word()));

    private static string[] Words(string text) => [.. Regex.Matches(text.ToLowerInvariant(), "[a-z0-9]+").Select(match => match.Value)];

    private static HashSet<string> SetOf(string text) => [.. Words(text).Zip(Words(text).Skip(1), (left, right) => $"{left} {right}")];
}
