using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <content>The walk over one segment, and what to do about keys that were found twice.</content>
public sealed partial class ScoreTable
{
    private void Lookup(ScoreSegment segment, ReadOnlySpan<RecordKey> keys, Span<byte> values, Span<byte> states, List<int> conflicts)
    {
        if (segment.Blocks == 0)
        {
            return;
        }

        using var buffer = new RentedBytes(segment.BlockBytes);
        int i = 0, block = 0;
        while (i < keys.Length && keys[i] <= segment.LastKey)
        {
            block = segment.BlockOf(keys[i], block);
            if (block < 0)
            {
                block = 0;
                i = EntryJoin.Seek(keys, i + 1, segment.FirstKeyOf(0));
                continue;
            }

            var end = block + 1 < segment.Blocks ? EntryJoin.Seek(keys, i + 1, segment.FirstKeyOf(block + 1)) : keys.Length;
            if (segment.TryReadBlock(block, buffer.Span, out var entries))
            {
                EntryJoin.Copy(
                    entries, keys[i..end], values.Slice(i * Width, (end - i) * Width), states[i..end], Width, i, conflicts);
            }
            else
            {
                WarnOnce(segment.Path, SegmentFolder.Damaged(segment.Path));
            }

            i = end;
            block = Math.Min(block + 1, segment.Blocks - 1);
        }
    }

    private void Discard(ReadOnlySpan<RecordKey> keys, Span<byte> values, Span<byte> states, List<int> conflicts)
    {
        var news = 0;
        var example = default(RecordKey);
        foreach (var i in conflicts)
        {
            states[i] = 0;
            values.Slice(i * Width, Width).Clear();
            if (!answers.Contains(keys[i]) && (conflicting ??= []).Add(keys[i]))
            {
                news++;
                example = keys[i];
            }
        }

        if (news > 0)
        {
            warn(new Diagnostic(
                Severity.Warning,
                CacheCodes.ConflictingScores,
                $"The store holds two different values for {news} record(s), among them {example}; both are discarded and the records scored again. "
                + "If this recurs, the scorer is not deterministic or its identity leaves a parameter out.",
                folder));
        }
    }
}
