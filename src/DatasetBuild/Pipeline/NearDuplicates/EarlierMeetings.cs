using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DatasetBuild.Caching;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>Whom a record met when the band keys of a pool were matched.</summary>
internal enum Meeting : byte
{
    /// <summary>It was not there.</summary>
    Unknown,

    /// <summary>It has no keys: the part is missing.</summary>
    Absent,

    /// <summary>None of its keys was another's.</summary>
    Nobody,

    /// <summary>Another record has one of its keys.</summary>
    Somebody,
}

/// <summary>
/// Whom each record met in the last build's matching. What is known of a record holds for its content, wherever that stands now: records that were there and met nobody do not meet each other
/// in a later pool either, however many others have gone.
/// </summary>
internal sealed class EarlierMeetings
{
    private const string Kind = "near-meetings";
    private const int Version = 1;
    private const long MaxBytes = int.MaxValue;

    private readonly string path;
    private readonly ScorerIdentity identity;
    private readonly Action<Diagnostic> report;
    private readonly IReadOnlyList<(PoolShard Shard, int First)> shards;

    /// <param name="path">The file that keeps them.</param>
    /// <param name="identity">Of the scorer that makes the keys.</param>
    /// <param name="pool">All records.</param>
    /// <param name="report">Hears of a file that is damaged or cannot be written.</param>
    public EarlierMeetings(string path, ScorerIdentity identity, Pool pool, Action<Diagnostic> report)
    {
        this.path = path;
        this.report = report;
        this.identity = identity;
        shards = [.. pool.Shards.Select(shard => (shard, shard.First)), .. (pool.Base?.Shards ?? []).Select(shard => (shard, pool.Count + shard.First))];
        Meetings = new Meeting[pool.Count + (pool.Base?.Count ?? 0)];
        Load();
    }

    /// <summary>By number: those of the base stand behind the pool's.</summary>
    public Meeting[] Meetings { get; }

    /// <summary>Those of one stage of a project.</summary>
    public static EarlierMeetings Of(StageContext context, ScorerIdentity identity) =>
        new(Path.Combine(context.Session.Plan.StatePath, $"near-{context.Number}.blk"), identity, context.Pool, context.Session.Report);

    /// <summary>Notes whom the records of this pool met.</summary>
    /// <param name="order">Those that took part.</param>
    /// <param name="states">What there is of each, by number.</param>
    /// <param name="candidates">Those that met somebody.</param>
    /// <param name="copies">Those that have another's content, which was there for them.</param>
    public void Save(DedupOrder order, byte[] states, Candidates candidates, IReadOnlyList<(int Place, int First)> copies)
    {
        var now = new byte[Meetings.Length];
        foreach (var number in order.Numbers)
        {
            now[number] = (byte)(states[number] == Scores.HasValue ? Meeting.Nobody : Meeting.Absent);
        }

        foreach (var place in candidates.Records)
        {
            now[order.Numbers[place]] = (byte)Meeting.Somebody;
        }

        foreach (var (place, first) in copies)
        {
            now[order.Numbers[place]] = now[order.Numbers[first]];
        }

        try
        {
            using var writer = BlockFile.Create(path, Kind, Version);
            writer.Write(identity.Digest);
            Span<byte> count = stackalloc byte[sizeof(int)];
            foreach (var (shard, first) in Once(now))
            {
                writer.Write(shard.IndexHash);
                BinaryPrimitives.WriteInt32LittleEndian(count, shard.Count);
                writer.Write(count);
                writer.Write(now.AsSpan(first, shard.Count));
            }

            writer.Commit();
        }
        catch (Exception error) when (CacheFiles.IsFileError(error))
        {
            report(new Diagnostic(
                Severity.Warning, CacheCodes.CannotWrite, $"What was found of near duplicates cannot be written ({error.Message}); the next build matches all records again.", path));
        }
    }

    /// <summary>The shards, each content once: of one that occurs again it may be known there what is not known here.</summary>
    private List<(PoolShard Shard, int First)> Once(byte[] now)
    {
        var once = new List<(PoolShard Shard, int First)>();
        var firstOf = new Dictionary<ContentDigest, int>();
        foreach (var (shard, first) in shards)
        {
            if (firstOf.TryAdd(ContentDigest.Read(shard.IndexHash), first))
            {
                once.Add((shard, first));
                continue;
            }

            var known = now.AsSpan(firstOf[ContentDigest.Read(shard.IndexHash)], shard.Count);
            for (var i = 0; i < known.Length; i++)
            {
                known[i] = Math.Max(known[i], now[first + i]);
            }
        }

        return once;
    }

    private void Load()
    {
        if (!BlockFile.TryRead(path, Kind, Version, MaxBytes, out var payload, report))
        {
            return;
        }

        using (payload)
        {
            var bytes = payload.Span;
            if (!bytes.StartsWith(identity.Digest) || TryDivide(bytes, identity.Digest.Length) is not { } starts)
            {
                return;
            }

            foreach (var (shard, first) in shards)
            {
                var target = Meetings.AsSpan(first, shard.Count);
                if (starts.TryGetValue(ContentDigest.Read(shard.IndexHash), out var own) && own.Count == shard.Count)
                {
                    Copy(bytes.Slice(own.Start, own.Count), target);
                }
                else if (shard.Previous is { } previous && starts.TryGetValue(ContentDigest.Read(previous.IndexHash), out var earlier) && earlier.Count == previous.Count)
                {
                    foreach (var run in previous.Known)
                    {
                        Copy(bytes.Slice(earlier.Start + run.Previous, run.Count), target.Slice(run.First, run.Count));
                    }
                }
            }
        }
    }

    private static void Copy(ReadOnlySpan<byte> from, Span<Meeting> to) => from.CopyTo(MemoryMarshal.AsBytes(to));

    /// <summary>Where the records of each shard stand; null where the file is not what it says.</summary>
    private static Dictionary<ContentDigest, (int Start, int Count)>? TryDivide(ReadOnlySpan<byte> bytes, int at)
    {
        var starts = new Dictionary<ContentDigest, (int, int)>();
        const int Head = ContentDigest.Size + sizeof(int);
        while (at < bytes.Length)
        {
            if (bytes.Length - at < Head)
            {
                return null;
            }

            var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[(at + ContentDigest.Size)..]);
            if (count < 0 || count > bytes.Length - at - Head || bytes.Slice(at + Head, count).ContainsAnyExceptInRange((byte)Meeting.Unknown, (byte)Meeting.Somebody))
            {
                return null;
            }

            starts[ContentDigest.Read(bytes[at..])] = (at + Head, count);
            at += Head + count;
        }

        return starts;
    }
}
