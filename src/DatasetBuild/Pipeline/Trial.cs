using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>
/// A build that is only thought through: nothing is scored and nothing is written. It remembers what would be scored, since a later stage would find
/// that in the store.
/// </summary>
public sealed class Trial
{
    /// <summary>The state of a key that an earlier stage of the same build would score: no reason for a missing value has this number.</summary>
    private const byte Promised = byte.MaxValue;

    private readonly Dictionary<ScorerIdentity, HashSet<RecordKey>> promised = [];
    private bool hasUnknown;

    /// <summary>The scorers whose stored values count as dropped.</summary>
    internal HashSet<ScorerIdentity> Forgotten { get; } = [];

    /// <summary>The scorers that are asked more than once.</summary>
    internal HashSet<ScorerIdentity> Shared { get; } = [];

    /// <summary>The records that the last scorer asked for would have to score, ascending.</summary>
    internal int[] ToScore { get; set; } = [];

    /// <summary>Whether some value that was asked for since the last call is not known.</summary>
    internal bool TakeUnknown()
    {
        var before = hasUnknown;
        hasUnknown = false;
        return before;
    }

    /// <summary>Marks the keys without a state that an earlier stage would score: they count as found.</summary>
    internal void Mark(ScorerIdentity identity, ReadOnlySpan<RecordKey> keys, Span<byte> states)
    {
        if (!promised.TryGetValue(identity, out var known))
        {
            return;
        }

        for (var i = 0; i < states.Length; i++)
        {
            if (states[i] == 0 && known.Contains(keys[i]))
            {
                (states[i], hasUnknown) = (Promised, true);
            }
        }
    }

    /// <summary>Takes note of keys that would be scored, and leaves no state to those that have no value yet.</summary>
    internal void WouldScore(ScorerIdentity identity, IEnumerable<RecordKey> keys, Span<byte> states)
    {
        states.Replace(Promised, (byte)0);
        hasUnknown |= states.Contains((byte)0);
        if (Shared.Contains(identity))
        {
            (promised.TryGetValue(identity, out var known) ? known : promised[identity] = []).UnionWith(keys);
        }
    }
}
