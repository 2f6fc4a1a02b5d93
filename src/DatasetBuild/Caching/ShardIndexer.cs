using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>A shard's index and the SHA-256 of its bytes, taken in one pass.</summary>
public sealed record IndexedShard(ShardIndex Index, byte[] ContentDigest);

/// <summary>Reads a shard once and notes where each record lies, what its key is, and what could not be read.</summary>
public static class ShardIndexer
{
    /// <summary>After so many unreadable records a shard is given up: it is not what it was declared to be.</summary>
    public const int MaxInvalid = 1000;

    /// <param name="path">The shard.</param>
    /// <param name="shape">How its records are read.</param>
    /// <param name="maxRecordBytes">A record above this size is invalid.</param>
    /// <param name="progress">Receives the bytes and the records of each step.</param>
    /// <param name="cancel">Stops the pass.</param>
    /// <param name="maxInvalid">After so many unreadable records the rest is not looked at.</param>
    /// <exception cref="IOException">The shard cannot be read.</exception>
    /// <exception cref="InvalidDataException">Its gzip data are damaged.</exception>
    public static IndexedShard Read(string path, ShapeOptions shape, int maxRecordBytes, Action<int>? progress, CancellationToken cancel, int maxInvalid = MaxInvalid)
    {
        using var reader = new RecordReader(path, maxRecordBytes, digest: true);
        using var parser = new ConversationParser(shape);
        var rows = new List<Row>();
        var invalid = new List<InvalidRecord>();
        var unreported = 0;
        var fields = 0u;
        while (invalid.Count < maxInvalid && TryAdd(reader, parser, rows, invalid, ref fields))
        {
            if (++unreported == 1024)
            {
                progress?.Invoke(unreported);
                unreported = 0;
                cancel.ThrowIfCancellationRequested();
            }
        }

        if (invalid.Count == maxInvalid)
        {
            invalid.Add(new InvalidRecord(
                reader.Offset, 0, reader.Line, 1, DataCodes.TooManyInvalid, $"more than {maxInvalid} records of this shard cannot be read: the rest of it was not looked at."));
        }

        progress?.Invoke(unreported);
        if (rows.Count == 0 && invalid.Count > 0 && ForeignFormat.Refusal(path) is { } format)
        {
            invalid = [new InvalidRecord(0, 0, 1, 1, DataCodes.ForeignFormat, format)];
        }
        else if (rows.Count == 0 && invalid.Count > 0 && reader.Container == Container.Lines && ConfigurationFile.Refusal(path, maxRecordBytes) is { } refusal)
        {
            invalid = [new InvalidRecord(0, 0, 1, 1, DataCodes.ConfigurationFile, refusal)];
        }

        return new IndexedShard(ToIndex(rows, fields, reader, invalid), reader.FinishDigest());
    }

    /// <summary>Reads one value and adds its records, or notes why there are none; false at the end.</summary>
    private static bool TryAdd(RecordReader reader, ConversationParser parser, List<Row> rows, List<InvalidRecord> invalid, ref uint fields)
    {
        try
        {
            if (!reader.Read())
            {
                return false;
            }
        }
        catch (InvalidRecordException error)
        {
            invalid.Add(new InvalidRecord(reader.Offset, 0, reader.Line, reader.Column, error.Code, error.Message));
            return true;
        }

        AddRecord(reader, parser, rows, invalid, ref fields);
        return true;
    }

    private static void AddRecord(RecordReader reader, ConversationParser parser, List<Row> rows, List<InvalidRecord> invalid, ref uint fields)
    {
        var before = rows.Count;
        try
        {
            parser.Parse(reader.Json);
            AddRows(reader, parser, rows);

            // Only of records that count: the names of a refused one say nothing about the subset.
            fields |= parser.FieldSet;
        }
        catch (InvalidRecordException error)
        {
            // A bad escape may show only in the second instance of a line: then none of the line counts.
            rows.RemoveRange(before, rows.Count - before);
            var (line, column) = TextPosition.Locate(reader.Json, error.Offset, reader.Line, reader.Column);
            invalid.Add(new InvalidRecord(reader.Offset, reader.Length, line, column, error.Code, error.Message));
        }
    }

    private static void AddRows(RecordReader reader, ConversationParser parser, List<Row> rows)
    {
        var json = reader.Json;
        var hash = XxHash64.Hash(json);
        for (var i = 0; i < parser.Count; i++)
        {
            var canonical = parser.Canonical(json, i);
            var traits = TraitsOf(new Conversation(canonical)) | (parser.Count > 1 ? RecordTraits.SharesLine : RecordTraits.None);
            rows.Add(new Row(RecordKey.Of(canonical), reader.Offset, hash, reader.Length, reader.Line, checked((ushort)i), traits, parser.Dialect));
        }
    }

    private static RecordTraits TraitsOf(Conversation conversation)
    {
        var traits = conversation.Tools.IsEmpty ? RecordTraits.None : RecordTraits.HasTools;
        var turns = 0;
        var plain = traits == RecordTraits.None;
        var last = Role.Text;
        foreach (var turn in conversation)
        {
            var expected = turns++ == 0 ? Role.User : Role.Assistant;
            var extended = !turn.Name.IsEmpty || !turn.ToolCallId.IsEmpty || turn.LossWeight != CanonicalWriter.DefaultLossWeight(turn.Role);
            plain &= turn.Role == expected;
            var parts = turn.GetEnumerator();
            while (parts.MoveNext())
            {
                extended |= parts.Kind is PartKind.Reasoning or PartKind.ToolCall;
            }

            traits |= extended ? RecordTraits.Extended : RecordTraits.None;

            traits |= turn.Role == Role.Assistant ? RecordTraits.HasAssistantTurn : turn.Role == Role.Text ? RecordTraits.RawText : RecordTraits.None;
            last = turn.Role;
        }

        return traits
            | (plain && turns == 2 && !traits.HasFlag(RecordTraits.Extended) ? RecordTraits.PlainExchange : RecordTraits.None)
            | (last == Role.Assistant ? RecordTraits.EndsWithAssistant : RecordTraits.None);
    }

    private static ShardIndex ToIndex(List<Row> rows, uint fields, RecordReader reader, List<InvalidRecord> invalid)
    {
        var index = new ShardIndex(rows.Count) { Container = reader.Container, IsGzip = reader.IsGzip, FieldSet = fields, Invalid = invalid };
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            index.Keys[i] = row.Key;
            index.Offsets[i] = row.Offset;
            index.ContentHashes[i] = row.ContentHash;
            index.Lengths[i] = row.Length;
            index.Lines[i] = row.Line;
            index.Instances[i] = row.Instance;
            index.Traits[i] = row.Traits;
            index.Dialects[i] = row.Dialect;
        }

        return index;
    }

    private readonly record struct Row(
        RecordKey Key, long Offset, ulong ContentHash, int Length, int Line, ushort Instance, RecordTraits Traits, Dialect Dialect);
}
