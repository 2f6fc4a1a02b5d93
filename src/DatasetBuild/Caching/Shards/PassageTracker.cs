using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>Records that an index took over from the shard's previous one.</summary>
/// <param name="First">The number of the first of them.</param>
/// <param name="Previous">Its number in the previous index.</param>
/// <param name="Count">How many follow one another in both.</param>
public sealed record KnownRun(int First, int Previous, int Count);

/// <summary>
/// Cuts a shard of lines into passages while it is read, and passes over those that the shard's previous index knows. Behind an edit it finds back
/// by the last record of a passage: where that stands, the next passage begins.
/// </summary>
internal sealed class PassageTracker : IDisposable
{
    private const int NotOpen = -1;

    private readonly RecordReader reader;
    private readonly ShardIndexBuilder builder;
    private readonly ShardIndex? previous;
    private readonly PassageTagger? tagger;
    private readonly List<Passage> passages = [];
    private readonly List<KnownRun> known = [];
    private readonly Dictionary<long, int> followers = []; // by hash, as the framework has it compiled already
    private int expected = NotOpen;

    // The passage that is being read.
    private long start = NotOpen;
    private long end;
    private int line;
    private int first;
    private uint fields;

    public PassageTracker(RecordReader reader, ShardIndexBuilder builder, ShardIndex? previous)
    {
        this.reader = reader;
        this.builder = builder;
        if (reader.Container != Container.Lines)
        {
            return;
        }

        if (previous is { Passages.Count: > 0 })
        {
            this.previous = previous;
            tagger = new PassageTagger(previous.PassageKey);
            expected = 0;
            for (var i = 0; i + 1 < previous.Passages.Count; i++)
            {
                followers.TryAdd(LastHashOf(previous.Passages[i]), i + 1);
            }
        }
        else
        {
            tagger = PassageTagger.TryCreate();
        }
    }

    public IReadOnlyList<Passage> Passages => passages;

    public byte[] Key => passages.Count > 0 ? tagger!.Key.ToArray() : [];

    /// <summary>What was taken over from the previous index.</summary>
    public IReadOnlyList<KnownRun> Known => known;

    /// <summary>Passes over the next lines if they are known: their records are added and <paramref name="allFields"/> learns their fields.</summary>
    public bool TrySkip(ref uint allFields)
    {
        if (expected < 0 || expected >= previous!.Passages.Count)
        {
            return false;
        }

        Close();
        var passage = previous.Passages[expected];
        var bytes = reader.Peek(passage.Length);
        if (bytes.Length != passage.Length || tagger!.Tag(bytes) != passage.Tag)
        {
            expected = NotOpen;
            return false;
        }

        known.Add(new KnownRun(builder.Count, passage.First, passage.Records));
        passages.Add(passage with { Start = reader.Position, Line = reader.NextLine, First = builder.Count });
        builder.AddFrom(previous, passage.First, passage.Records, reader.Position - passage.Start, reader.NextLine - passage.Line);
        allFields |= passage.Fields;
        reader.Skip(passage.Length, passage.Lines);
        expected++;
        return true;
    }

    /// <summary>To be called before a value is read: marks where a passage begins.</summary>
    public void BeforeValue()
    {
        if (tagger is null || start != NotOpen)
        {
            return;
        }

        var length = reader.Peek(Passage.TargetBytes).LastIndexOf((byte)'\n') + 1;
        if (length > 0)
        {
            start = reader.Position;
            end = start + length;
            line = reader.NextLine;
            first = builder.Count;
            fields = 0;
        }
    }

    /// <summary>To be called when the records of a value were added.</summary>
    public void AfterRecords(uint valueFields)
    {
        fields |= valueFields;
        if (followers.TryGetValue((long)builder.LastContentHash, out var follower))
        {
            expected = follower;
        }

        if (start != NotOpen && reader.Position >= end)
        {
            Close();
        }
    }

    /// <summary>To be called when a value could not be read: the passage with it is none.</summary>
    public void AfterRefusal() => start = NotOpen;

    public void Dispose() => tagger?.Dispose();

    /// <summary>Keeps what was read since <see cref="BeforeValue"/> as a passage, unless it reaches beyond what was looked at then.</summary>
    private void Close()
    {
        var from = start;
        start = NotOpen;
        if (from == NotOpen || reader.Position > end || builder.Count == first)
        {
            return;
        }

        var bytes = reader.Since(from);
        if (!bytes.IsEmpty)
        {
            passages.Add(new Passage(from, bytes.Length, line, reader.NextLine - line, first, builder.Count - first, fields, tagger!.Tag(bytes)));
        }
    }

    private long LastHashOf(Passage passage) => (long)previous!.ContentHashes[passage.First + passage.Records - 1];
}
