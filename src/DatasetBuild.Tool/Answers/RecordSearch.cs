using System.Globalization;
using System.Text;
using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;

namespace DatasetBuild.Tool.Answers;

/// <summary>What a person means by a record, and where it was found.</summary>
/// <param name="Records">Record numbers, ascending.</param>
/// <param name="Sought">What was looked for, in words.</param>
internal sealed record SearchResult(IReadOnlyList<int> Records, string Sought)
{
    /// <summary>A line that is meant but holds no record that could be read.</summary>
    public (PoolShard Shard, Caching.InvalidRecord Record)? Unreadable { get; init; }
}

/// <summary>Finds records by their place, by their key, or by a piece of their text.</summary>
internal sealed class RecordSearch(Analysis analysis, VerdictReader verdicts)
{
    public SearchResult Find(string sought, bool asText)
    {
        if (!asText && RecordKey.TryParse(sought, out var key))
        {
            return new SearchResult(ByKey(key), $"the key {sought}");
        }

        return !asText && ByPlace(sought) is { } found ? found : new SearchResult(ByText(sought), $"the text '{sought}'{OtherPlace(sought, asText)}");
    }

    /// <summary>What reads like a place and is none: the name of its shard is probably wrong.</summary>
    private string OtherPlace(string sought, bool asText)
    {
        var colon = sought.LastIndexOf(':');
        if (asText || colon <= 0 || !Path.HasExtension(sought[..colon]) || !int.TryParse(sought.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return "";
        }

        var meant = Spelling.Nearest(sought[..colon], analysis.Pool.Shards.Select(shard => shard.Name)) is { } near ? $" (did you mean {near}?)" : "";
        return $", and no shard is named '{sought[..colon]}'{meant}";
    }

    /// <summary>The records that a kept one stands for: dropped because it has the same content.</summary>
    public IReadOnlyList<int> DuplicatesOf(int record) =>
        [.. Enumerable.Range(0, analysis.Pool.Count).Where(other => analysis.Fates.Twin(other) == record)];

    private List<int> ByKey(RecordKey key)
    {
        var found = new List<int>();
        for (var record = 0; record < analysis.Pool.Count; record++)
        {
            if (analysis.Pool.Keys[record] == key)
            {
                found.Add(record);
            }
        }

        return found;
    }

    private SearchResult? ByPlace(string sought)
    {
        var colon = sought.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(sought.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var line))
        {
            return null;
        }

        var shards = analysis.Pool.Shards;
        var named = Enumerable.Range(0, shards.Count).Where(number => IsNamed(shards[number], sought[..colon])).ToList();
        if (named.Count == 0)
        {
            return null;
        }

        return new SearchResult([.. named.SelectMany(number => OnLine(number, line))], $"line {line} of {string.Join(", ", named.Select(number => shards[number].Name))}")
        {
            Unreadable = named
                .SelectMany(number => shards[number].Invalid.Where(invalid => invalid.Line == line).Select(invalid => ((PoolShard, Caching.InvalidRecord)?)(shards[number], invalid)))
                .FirstOrDefault(),
        };
    }

    /// <summary>By its name in the project, by its path from here, or by its file name alone.</summary>
    private static bool IsNamed(PoolShard shard, string name) =>
        shard.Name == name.Replace('\\', '/') || shard.Declared.FullPath == Path.GetFullPath(name) || Path.GetFileName(shard.Name) == name;

    private List<int> OnLine(int number, int line)
    {
        var shard = analysis.Pool.Shards[number];
        var lines = verdicts.IndexOf(number).Lines;
        var exact = Enumerable.Range(0, shard.Count).Where(i => lines[i] == line).Select(i => shard.First + i).ToList();
        if (exact.Count > 0)
        {
            return exact;
        }

        // An editor shows any line of a record that is written over several.
        var before = Array.FindLastIndex(lines, start => start < line);
        return before >= 0 && line <= lines[before] + verdicts.JsonOf(shard.First + before).AsSpan().Count((byte)'\n') ? [shard.First + before] : [];
    }

    private List<int> ByText(string text)
    {
        var needle = Encoding.UTF8.GetBytes(text);
        var found = new List<int>();
        var scan = new RecordScan(analysis.Session, analysis.Pool);
        analysis.Session.Parallel(analysis.Pool.Shards.Count, number =>
        {
            var shard = analysis.Pool.Shards[number];
            var all = Enumerable.Range(shard.First, shard.Count).ToArray();
            scan.Raw(shard, all, (record, _, json) =>
            {
                if (Holds(json, needle))
                {
                    lock (found)
                    {
                        found.Add(record);
                    }
                }
            });
        });
        found.Sort();
        return found;
    }

    /// <summary>Whether some string of the record holds the text, however the file writes its characters.</summary>
    private static bool Holds(ReadOnlySpan<byte> json, ReadOnlySpan<byte> needle)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 128 });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length < needle.Length)
            {
                continue;
            }

            if (reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!).AsSpan().IndexOf(needle) >= 0 : reader.ValueSpan.IndexOf(needle) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
