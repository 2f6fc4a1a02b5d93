using System.Globalization;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Tool.Commands;

namespace DatasetBuild.Tool.Answers;

/// <summary>Reads the records on one line of a project's shard, without a build.</summary>
internal static class RecordOnLine
{
    /// <summary>The canonical conversations of the record that starts at, or stretches over, <c>shard:line</c>; several for a self-instruct record.</summary>
    public static (string Path, int Line, IReadOnlyList<byte[]> Conversations) Read(Plan plan, Settings settings, string place, CancellationToken cancel)
    {
        var colon = place.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var line))
        {
            throw new UsageException($"'{place}' names no record. Name it by shard:line, as in data/a.jsonl:12.");
        }

        var name = place[..colon];
        var shard = plan.Shards.FirstOrDefault(shard => shard.Name == name.Replace('\\', '/') || shard.FullPath == Path.GetFullPath(name))
            ?? plan.Shards.FirstOrDefault(shard => Path.GetFileName(shard.Name) == name)
            ?? throw new UsageException($"no shard is named '{name}'.{(Spelling.Nearest(name, plan.Shards.Select(shard => shard.Name)) is { } near ? $" Did you mean {near}?" : "")}");
        UnusableFile.Refuse(shard.FullPath);
        var index = ShardIndexer.Read(shard.FullPath, shard.Shape, settings.MaxRecordBytes, null, cancel, maxInvalid: int.MaxValue).Index;
        var first = Array.FindLastIndex(index.Lines, start => start <= line);
        if (first < 0 || line > LastLineOf(shard, index, first))
        {
            throw index.Invalid.FirstOrDefault(invalid => invalid.Line == line || invalid.IsWholeShard) is { Code: not null } bad
                ? new DatasetException(bad.Code, bad.Message, shard.FullPath, bad.Line, bad.Column)
                : new UsageException($"there is no record on line {line} of {shard.Name}.");
        }

        // A self-instruct record holds several.
        var same = Array.IndexOf(index.Lines, index.Lines[first]);
        var conversations = new List<byte[]>();
        ShardRecords.Each(shard, index, same, first - same + 1, (_, canonical) => conversations.Add(canonical.ToArray()));
        return (shard.FullPath, index.Lines[first], conversations);
    }

    /// <summary>The line on which a record ends.</summary>
    private static int LastLineOf(PlanShard shard, ShardIndex index, int record)
    {
        using var fetcher = new RecordFetcher(shard.FullPath, index.IsGzip);
        return index.Lines[record] + fetcher.Fetch(index.Offsets[record], index.Lengths[record]).Count((byte)'\n');
    }
}
