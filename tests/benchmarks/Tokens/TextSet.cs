using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace DatasetBuild.Benchmarks;

/// <summary>The texts of one script in some data, as UTF-8.</summary>
internal sealed record TextSet(string Data, string Script, IReadOnlyList<byte[]> Texts)
{
    public long Bytes { get; } = Texts.Sum(text => (long)text.Length);

    /// <summary>All strings in the records of a JSON Lines file or of a folder of them, by the script that most of a text is written in.</summary>
    public static IEnumerable<TextSet> Read(string path)
    {
        var files = Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*.jsonl", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            : Enumerable.Repeat(path, 1);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path)).Split('.')[0];
        return files.SelectMany(Lines).SelectMany(Strings).GroupBy(ScriptOf).Select(group => new TextSet(name, group.Key, [.. group])).OrderByDescending(set => set.Bytes);
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var stream = File.OpenRead(file);
        using var text = new StreamReader(file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        while (text.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static List<byte[]> Strings(string line)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(line));
        var strings = new List<byte[]>();
        while (line.Length > 0 && reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                strings.Add(Encoding.UTF8.GetBytes(reader.GetString()!));
            }
        }

        return strings;
    }

    private static string ScriptOf(byte[] utf8)
    {
        var (asian, cyrillic, other) = (0, 0, 0);
        foreach (var rune in Encoding.UTF8.GetString(utf8).EnumerateRunes())
        {
            asian += rune.Value is (>= 0x3040 and < 0xA000) or (>= 0xAC00 and < 0xD7B0) ? 1 : 0;
            cyrillic += rune.Value is >= 0x400 and < 0x530 ? 1 : 0;
            other += Rune.IsLetter(rune) && rune.Value < 0x250 ? 1 : 0;
        }

        return asian > Math.Max(cyrillic, other) ? "Chinese, Japanese, Korean" : cyrillic > other ? "Cyrillic" : "Latin and other";
    }
}
