using DatasetBuild.Records;

namespace DatasetBuild.Caching;

/// <summary>Joins wanted keys with stored entries. Both ascend, so one walk over both finds all; no hashing, no allocation, no call a key.</summary>
internal static class EntryJoin
{
    /// <summary>
    /// Copies the state and value of every wanted key that <paramref name="block"/> holds. Where an earlier block gave a different one, or the entry
    /// says so itself, the key's index (plus <paramref name="firstIndex"/>) goes to <paramref name="conflicts"/>.
    /// </summary>
    internal static void Copy(
        in EntryBlock block, ReadOnlySpan<RecordKey> wanted, Span<byte> values, Span<byte> states, int width, int firstIndex, List<int> conflicts)
    {
        var keys = block.Keys;
        int i = 0, j = 0;
        while (i < wanted.Length && j < keys.Length)
        {
            var limit = Math.Min(wanted.Length - i, keys.Length - j);
            var run = 0;
            while (run < limit && wanted[i + run] == keys[j + run])
            {
                run++;
            }

            if (run > 0)
            {
                CopyRun(block, j, states.Slice(i, run), values.Slice(i * width, run * width), width, firstIndex + i, conflicts);
                i += run;
                j += run;
            }
            else if (wanted[i] < keys[j])
            {
                i = Seek(wanted, i + 1, keys[j]);
            }
            else
            {
                j = Seek(keys, j + 1, wanted[i]);
            }
        }
    }

    /// <summary>The first index from <paramref name="start"/> on whose key is not below <paramref name="key"/>; strides double, so near and far are both cheap.</summary>
    internal static int Seek(ReadOnlySpan<RecordKey> keys, int start, RecordKey key)
    {
        int low = start, stride = 1;
        while (low + stride <= keys.Length && keys[low + stride - 1] < key)
        {
            low += stride;
            stride <<= 1;
        }

        var high = Math.Min(keys.Length, low + stride - 1);
        while (low < high)
        {
            var middle = low + ((high - low) >> 1);
            if (keys[middle] < key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static void CopyRun(in EntryBlock block, int from, Span<byte> states, Span<byte> values, int width, int firstIndex, List<int> conflicts)
    {
        var newStates = block.States.Slice(from, states.Length);
        var newValues = block.Values.Slice(from * width, values.Length);
        if (!newStates.Contains(EntryBlock.Conflict) && !states.ContainsAnyExcept((byte)0))
        {
            newStates.CopyTo(states);
            newValues.CopyTo(values);
            return;
        }

        for (var k = 0; k < states.Length; k++)
        {
            var newValue = newValues.Slice(k * width, width);
            var oldValue = values.Slice(k * width, width);
            if (newStates[k] == EntryBlock.Conflict)
            {
                conflicts.Add(firstIndex + k);
            }
            else if (states[k] == 0)
            {
                states[k] = newStates[k];
                newValue.CopyTo(oldValue);
            }
            else if (states[k] != newStates[k] || !oldValue.SequenceEqual(newValue))
            {
                conflicts.Add(firstIndex + k);
            }
        }
    }
}
