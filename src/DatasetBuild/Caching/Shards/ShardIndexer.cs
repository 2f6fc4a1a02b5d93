using System.Security.Cryptography;
using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>A shard's index, the SHA-256 of its bytes, and what was known from its previous index; taken in one pass.</summary>
public sealed record IndexedShard(ShardIndex Index, byte[] ContentDigest, IReadOnlyList<KnownRun> Known);

/// <summary>Reads a shard once and notes where each record lies, what its key is, and what could not be read.</summary>
public sealed class ShardIndexer : IDisposable
{
    /// <summary>After so many unreadable records a shard is given up: it is not what it was declared to be.</summary>
    public const int MaxInvalid = 1000;

    private readonly string path;
    private readonly RecordReader reader;
    private readonly ConversationParser parser;
    private readonly ShardIndexBuilder builder = ShardIndexBuilder.Take();
    private readonly PassageTracker tracker;
    private readonly RepeatedTexts reasons = new();
    private List<InvalidRecord> invalid = [];
    private uint fields;

    private ShardIndexer(string path, ShapeOptions shape, int maxRecordBytes, ShardIndex? previous)
    {
        this.path = path;
        reader = new RecordReader(path, maxRecordBytes, digest: true);
        parser = new ConversationParser(shape);
        tracker = new PassageTracker(reader, builder, previous);
    }

    /// <param name="path">The shard.</param>
    /// <param name="shape">How its records are read.</param>
    /// <param name="maxRecordBytes">A record above this size is invalid.</param>
    /// <param name="progress">Receives the records of each step, and the bytes of the file that it took.</param>
    /// <param name="cancel">Stops the pass.</param>
    /// <param name="maxInvalid">After so many unreadable records the rest is not looked at.</param>
    /// <param name="previous">The index of what the shard was before, made by the same reader under the same shape and limit: what has not changed is not parsed again.</param>
    /// <exception cref="IOException">The shard cannot be read.</exception>
    public static IndexedShard Read(
        string path, ShapeOptions shape, int maxRecordBytes, Action<int, long>? progress, CancellationToken cancel, int maxInvalid = MaxInvalid, ShardIndex? previous = null)
    {
        try
        {
            using var pass = new ShardIndexer(path, shape, maxRecordBytes, previous);
            return pass.Run(progress, maxInvalid, cancel);
        }
        catch (InvalidDataException)
        {
            return Damaged(path);
        }
    }

    /// <summary>Of packed data whose checksum is wrong or absent no record can be trusted, those before the damage either.</summary>
    private static IndexedShard Damaged(string path)
    {
        using var file = File.OpenRead(path);
        var damage = new InvalidRecord(0, 0, 0, 0, DataCodes.UnreadableShard, ShardStream.Damaged);
        return new IndexedShard(ShardIndexBuilder.Take().ToIndex(Container.Lines, isGzip: true, 0, [damage], [], []), SHA256.HashData(file), []);
    }

    public void Dispose()
    {
        tracker.Dispose();
        parser.Dispose();
        reader.Dispose();
        builder.GiveBack();
    }

    private IndexedShard Run(Action<int, long>? progress, int maxInvalid, CancellationToken cancel)
    {
        var (reported, reportedBytes) = (0, 0L);
        while (invalid.Count < maxInvalid && (tracker.TrySkip(ref fields) || TryAdd()))
        {
            if (builder.Count - reported >= 1024)
            {
                Report(reader.IsGzip ? reader.BytesRead : reader.Position);
                cancel.ThrowIfCancellationRequested();
            }
        }

        var digest = reader.FinishDigest();
        Report(reader.BytesRead);
        if (invalid.Count == maxInvalid)
        {
            invalid.Add(new InvalidRecord(
                reader.Offset, 0, reader.Line, 1, DataCodes.TooManyInvalid, $"more than {maxInvalid} records of this shard cannot be read: the rest of it was not looked at."));
        }

        if (builder.Count == 0 && invalid.Count > 0)
        {
            TellOtherFormats();
        }

        return new IndexedShard(
            builder.ToIndex(reader.Container, reader.IsGzip, fields, invalid, tracker.Passages, tracker.Key), digest, tracker.Known);

        void Report(long bytes)
        {
            progress?.Invoke(builder.Count - reported, bytes - reportedBytes);
            (reported, reportedBytes) = (builder.Count, bytes);
        }
    }

    /// <summary>Where nothing of a shard is a record, it is something else; then one error says what.</summary>
    private void TellOtherFormats()
    {
        if (ForeignFormat.Refusal(path) is { } format)
        {
            invalid = [new InvalidRecord(0, 0, 1, 1, DataCodes.ForeignFormat, format)];
        }
        else if (reader.Container == Container.Lines && ConfigurationFile.Refusal(path) is { } refusal)
        {
            invalid = [new InvalidRecord(0, 0, 1, 1, DataCodes.ConfigurationFile, refusal)];
        }
    }

    /// <summary>Reads one value and adds its records, or notes why there are none; false at the end.</summary>
    private bool TryAdd()
    {
        tracker.BeforeValue();
        try
        {
            if (!reader.Read())
            {
                return false;
            }
        }
        catch (InvalidRecordException error)
        {
            Refuse(reader.Offset, 0, reader.Line, reader.Column, error);
            return true;
        }

        var before = builder.Count;
        try
        {
            parser.Parse(reader.Json);
            AddRecords();
        }
        catch (InvalidRecordException error)
        {
            // A bad escape may show only in the second instance of a line: then none of the line counts.
            builder.Truncate(before);
            var (line, column) = TextPosition.Locate(reader.Json, error.Offset, reader.Line, reader.Column);
            Refuse(reader.Offset, reader.Length, line, column, error);
            return true;
        }

        // Only of records that count: the names of a refused one say nothing about the subset.
        fields |= parser.FieldSet;
        if (builder.Count > before)
        {
            tracker.AfterRecords(parser.FieldSet);
        }

        return true;
    }

    private void Refuse(long offset, int length, int line, int column, InvalidRecordException error)
    {
        invalid.Add(new InvalidRecord(offset, length, line, column, error.Code, reasons.One(error.Message)));
        tracker.AfterRefusal();
    }

    private void AddRecords()
    {
        var json = reader.Json;
        var hash = XxHash64.Hash(json);
        for (var i = 0; i < parser.Count; i++)
        {
            var canonical = parser.Canonical(json, i);
            var traits = TraitsOf(new Conversation(canonical)) | (parser.Count > 1 ? RecordTraits.SharesLine : RecordTraits.None);
            builder.Add(RecordKey.Of(canonical), reader.Offset, hash, reader.Length, reader.Line, checked((ushort)i), traits, parser.Dialect);
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
}
