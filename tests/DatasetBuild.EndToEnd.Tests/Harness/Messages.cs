using System.Text.Json;

namespace DatasetBuild.EndToEnd.Tests.Harness;

/// <summary>Lines of JSON that a user's shard could hold.</summary>
internal static class Messages
{
    public static string Chat(string prompt, string response, params (string Name, object Value)[] fields)
    {
        var record = new Dictionary<string, object>
        {
            ["messages"] = new object[] { new { role = "user", content = prompt }, new { role = "assistant", content = response } },
        };
        foreach (var (name, value) in fields)
        {
            record[name] = value;
        }

        return JsonSerializer.Serialize(record);
    }

    /// <summary>Distinct records with responses of 1, 2, 3, ... words.</summary>
    public static IEnumerable<string> Counting(string subject, int count) => Enumerable.Range(1, count).Select(words =>
        Chat($"Say something about {subject} in {words} words.", string.Join(' ', Enumerable.Repeat(subject, words))));
}
