using System.Text.Json;
using DatasetBuild.Caching;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;

namespace DatasetBuild.Tool.Answers;

/// <summary>How many records of a shard are of one dialect, and by which of their fields it is known (those of the first one).</summary>
internal sealed record DialectUse(Dialect Dialect, int Records, IReadOnlyList<string> Fields);

/// <summary>What a shard holds, and all that is wrong with it.</summary>
/// <param name="Name">The shard as the project or the command line names it.</param>
/// <param name="Path">Its full path.</param>
/// <param name="Records">How many records can be read.</param>
/// <param name="Container">lines or array; empty where it could not be opened.</param>
/// <param name="IsGzip">Whether it is packed.</param>
/// <param name="Dialects">Most frequent first.</param>
/// <param name="Errors">In the order of the file.</param>
internal sealed record ShardCheck(
    string Name, string Path, int Records, string Container, bool IsGzip, IReadOnlyList<DialectUse> Dialects, IReadOnlyList<Diagnostic> Errors)
{
    /// <summary>Whether the file holds white space and nothing else.</summary>
    public bool IsBlank { get; init; }

    /// <summary>What a trainer would do to its records without telling.</summary>
    public IReadOnlyList<TrainerCount> Trainer { get; init; } = [];

    public static ShardCheck Of(PlanShard shard, int maxRecordBytes, Action<int> progress, CancellationToken cancel)
    {
        try
        {
            if (UnusableFile.Complaint(shard.FullPath) is { } complaint)
            {
                return Failed(shard, complaint);
            }

            var index = ShardIndexer.Read(shard.FullPath, shard.Shape, maxRecordBytes, (records, _) => progress(records), cancel, maxInvalid: int.MaxValue).Index;
            return new ShardCheck(
                shard.Name,
                shard.FullPath,
                index.Count,
                index.Container == DatasetBuild.Records.Container.Array ? "array" : "lines",
                index.IsGzip,
                DialectsOf(shard, index),
                [.. index.Invalid.Select(invalid => new Diagnostic(Severity.Error, invalid.Code, invalid.Message, shard.FullPath, invalid.Line, invalid.Column))])
            {
                IsBlank = index.Count == 0 && index.InvalidCount == 0 && index.Container == DatasetBuild.Records.Container.Lines && new FileInfo(shard.FullPath).Length > 0,
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Failed(shard, PoolIndexer.Unreadable(error));
        }
    }

    private static ShardCheck Failed(PlanShard shard, string message) =>
        new(shard.Name, shard.FullPath, 0, "", false, [], [new Diagnostic(Severity.Error, DataCodes.UnreadableShard, message, shard.FullPath)]);

    private static List<DialectUse> DialectsOf(PlanShard shard, ShardIndex index)
    {
        if (index.Count == 0)
        {
            return [];
        }

        var names = new FieldNames(shard.Shape);
        using var fetcher = new RecordFetcher(shard.FullPath, index.IsGzip);
        var first = new Dictionary<Dialect, (int Count, IReadOnlyList<string> Fields)>();
        for (var i = 0; i < index.Count; i++)
        {
            var dialect = index.Dialects[i];
            var (count, fields) = first.TryGetValue(dialect, out var seen) ? seen : (0, FieldsOf(fetcher.Fetch(index.Offsets[i], index.Lengths[i]), names));
            first[dialect] = (count + 1, fields);
        }

        return [.. first.Select(pair => new DialectUse(pair.Key, pair.Value.Count, pair.Value.Fields)).OrderByDescending(use => use.Records).ThenBy(use => use.Dialect)];
    }

    /// <summary>The fields of a record that have a say in how it is read.</summary>
    private static List<string> FieldsOf(ReadOnlySpan<byte> json, FieldNames names)
    {
        var fields = new List<string>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 128 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var decides = names.Find(System.Text.Encoding.UTF8.GetBytes(name)) != Field.None;
            reader.Read();
            if (decides && reader.TokenType != JsonTokenType.Null)
            {
                fields.Add(name);
            }

            reader.Skip();
        }

        return fields;
    }
}
