using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>New values for keys that were reported as conflicting: they win over whatever the store holds. Answered twice differently, a key stays conflicting.</summary>
internal sealed class ConflictAnswers(int width)
{
    // Made when there is a conflict, which is next to never: a dictionary of keys would have to be compiled at the start of every build.
    private Dictionary<RecordKey, Answer>? answers;

    internal int Count => answers is null ? 0 : answers.Count;

    internal IEnumerable<RecordKey> Keys => answers is null ? [] : answers.Keys;

    internal bool Contains(RecordKey key) => answers is not null && answers.ContainsKey(key);

    internal void Add(in EntryBlock entries)
    {
        answers ??= [];
        for (var i = 0; i < entries.Keys.Length; i++)
        {
            var state = entries.States[i];
            var value = entries.Values.Slice(i * width, width).ToArray();
            if (answers.TryGetValue(entries.Keys[i], out var old) && (old.State != state || !old.Value.AsSpan().SequenceEqual(value)))
            {
                (state, value) = (EntryBlock.Conflict, new byte[width]);
            }

            answers[entries.Keys[i]] = new Answer(state, value);
        }
    }

    /// <summary>Puts the answers in the place of what a look-up found.</summary>
    internal void CopyTo(ReadOnlySpan<RecordKey> sortedKeys, Span<byte> values, Span<byte> states)
    {
        if (answers is null)
        {
            return;
        }

        foreach (var (key, (state, value)) in answers)
        {
            var i = sortedKeys.BinarySearch(key);
            if (i >= 0)
            {
                states[i] = state;
                value.CopyTo(values[(i * width)..]);
            }
        }
    }

    internal EntryBuffer ToBuffer()
    {
        var buffer = new EntryBuffer(width);
        foreach (var (key, (state, value)) in answers ?? [])
        {
            buffer.Add([key], value, [state]);
        }

        return buffer;
    }

    internal void Clear() => answers = null;

    private sealed record Answer(byte State, byte[] Value);
}
