using System.Buffers.Binary;
using System.Globalization;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>A stored value that may be scored again, and where its record stands.</summary>
internal sealed record SampleCandidate(Analysis Analysis, string Stage, IScorer Scorer, RecordKey Key, int Record, StoredValue Stored);

/// <summary>What is stored of a record: a value where the state is 1, otherwise the reason for there being none.</summary>
internal sealed record StoredValue(byte State, byte[] Value)
{
    public bool Is(StoredValue other) => State == other.State && (State != Scores.HasValue || Value.AsSpan().SequenceEqual(other.Value));

    public override string ToString() =>
        State != Scores.HasValue ? $"missing ({MissingReasons.Describe((MissingReason)State)})"
        : Value.Length == sizeof(double) ? BinaryPrimitives.ReadDoubleLittleEndian(Value).ToString("R", CultureInfo.InvariantCulture)
        : Convert.ToHexStringLower(Value);
}

/// <summary>The stored values of one scorer that could be scored again: all are counted, the best ranked are kept.</summary>
internal sealed class SampleCandidates(string identity, int most)
{
    private readonly SortedSet<(ulong Rank, RecordKey Key)> ranks = [];
    private readonly Dictionary<RecordKey, SampleCandidate> best = [];
    private readonly HashSet<RecordKey> seen = [];

    public string Identity => identity;

    public long Stored { get; set; }

    public int Count => seen.Count;

    public void Offer(ulong rank, RecordKey key, Func<SampleCandidate> make)
    {
        // Of the projects that hold a record the first is as good as any.
        if (!seen.Add(key) || (ranks.Count == most && (most == 0 || ranks.Max.CompareTo((rank, key)) < 0)))
        {
            return;
        }

        ranks.Add((rank, key));
        best.Add(key, make());
        if (ranks.Count > most)
        {
            best.Remove(ranks.Max.Key);
            ranks.Remove(ranks.Max);
        }
    }

    public List<SampleCandidate> First(int count) => [.. ranks.Take(count).Select(rank => best[rank.Key])];
}
