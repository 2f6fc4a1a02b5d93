using System.Text.Json;

namespace DatasetBuild.Tests.Pipeline;

internal static class TinyTokenizer
{
    /// <summary>A byte-level tokenizer of the 256 bytes, and one merge where two letters are given.</summary>
    public static string Json(string merge = "")
    {
        var letters = Enumerable.Range(0, 256).Select(b => b is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255) ? (char)b : '\0').ToArray();
        var next = 256;
        for (var b = 0; b < 256; b++)
        {
            letters[b] = letters[b] == '\0' ? (char)next++ : letters[b];
        }

        var vocabulary = letters.Select(letter => letter.ToString()).Concat(merge.Length > 0 ? [merge] : []).Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id);
        return JsonSerializer.Serialize(new
        {
            version = "1.0",
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
            decoder = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
            model = new { type = "BPE", vocab = vocabulary, merges = merge.Length > 0 ? new[] { $"{merge[0]} {merge[1]}" } : [] },
        });
    }
}
