using System.Security.Cryptography;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Finds out which records the shards hold. A shard whose stamp is known is not opened; one whose content is known is not parsed; only new
/// content is read.
/// </summary>
internal sealed class PoolIndexer(BuildSession session, StatTable stats)
{
    private const string Remedy = "Mend the path, or take it out of DatasetShard.";

    private int parsed;

    /// <summary>How many records were read from shards, rather than taken from a kept index.</summary>
    public int Parsed => parsed;

    public Pool Index(IReadOnlyList<PlanShard> shards)
    {
        var found = new Found?[shards.Count];
        session.Parallel(shards.Count, i => found[i] = TryKnown(shards[i]));

        // Only now is it known how much there is to read, and the threads share it evenly.
        int[] news = [.. Enumerable.Range(0, shards.Count).Where(i => found[i] is null)];
        var progress = new IndexProgress(session, [.. news.Select(i => shards[i])]);
        session.Parallel(news.Length, i => found[news[i]] = TryRecognise(shards[news[i]], progress) ?? ReadAndKeep(shards[news[i]], progress));
        return Assemble(found!);
    }

    /// <summary>The whole index of a shard of the pool.</summary>
    public static ShardIndex Load(BuildSession session, PoolShard shard)
    {
        lock (session.UnkeptIndexes)
        {
            if (session.UnkeptIndexes.TryGetValue(shard.Declared.FullPath, out var held))
            {
                return held;
            }
        }

        return Open(session, shard.Declared, shard.IndexHash, shard.Digest) is { } index && index.Count == shard.Count
            ? index
            : ReadAgain(session, shard.Declared, shard.Digest);
    }

    /// <summary>The kept index of a shard, or null. Its parts are read when they are asked for.</summary>
    private static ShardIndex? Open(BuildSession session, PlanShard shard, byte[] hash, ContentDigest digest) =>
        ShardIndexFile.TryOpen(session.Derived, hash, () => ReadAgain(session, shard, digest)) is { } index && !IsCutShort(session, index) ? index : null;

    /// <summary>What is to be set aside must all be known; where it stops the build anyway, a shard is given up as soon as it is clear that it is not what it was declared to be.</summary>
    private static int MaxInvalid(BuildSession session) => session.Settings.OnInvalidRecord == OnInvalidRecord.Quarantine ? int.MaxValue : ShardIndexer.MaxInvalid;

    /// <summary>Whether the index is that of a build without quarantine that gave the shard up.</summary>
    private static bool IsCutShort(BuildSession session, ShardIndex index) =>
        session.Settings.OnInvalidRecord == OnInvalidRecord.Quarantine && index.InvalidCount > ShardIndexer.MaxInvalid && index.Invalid[^1].Code == DataCodes.TooManyInvalid;

    /// <summary>The cache lost it in the meantime: the shard is read again, and must be the same.</summary>
    private static ShardIndex ReadAgain(BuildSession session, PlanShard shard, ContentDigest digest)
    {
        var again = Read(session, shard, null, null);
        if (again.Digest != digest)
        {
            throw Changed(shard, "its content is another");
        }

        ShardIndexFile.Write(session.Derived, IndexHash(session, shard, digest), again.Index);
        return again.Index;
    }

    /// <summary>What is wrong with a shard that cannot be read.</summary>
    public static string Unreadable(Exception error) => $"the shard cannot be read ({error.Message}). Check its permissions and the disk that it lies on.";

    /// <summary>The error of a shard that is not what it was a moment ago; <paramref name="sign"/> says how that showed.</summary>
    public static DatasetException Changed(PlanShard shard, string sign, Exception? inner = null) => new(
        DataCodes.ShardChanged, $"the shard changed while the build was reading it ({sign}). Build again when whatever writes it is done.", shard.FullPath, inner: inner);

    /// <summary>Makes sure that a shard that was read again still has the stamp under which it was indexed.</summary>
    public static void RefuseChanged(PoolShard shard)
    {
        if (!FileStamp.TryOf(shard.Declared.FullPath, out var now))
        {
            throw Changed(shard.Declared, "it is gone");
        }

        // A link, a rename or chmod moves the stamp and leaves the content: the content decides.
        if (now != shard.Stamp && ContentDigest.TryOfFile(shard.Declared.FullPath) != shard.Digest)
        {
            throw Changed(shard.Declared, "its content is another");
        }
    }

    /// <summary>A shard with the stamp that it had when it was last read: it is not opened.</summary>
    private Found? TryKnown(PlanShard shard)
    {
        var stamp = CurrentStamp(shard);
        return !session.Settings.VerifyInputs && stats.TryGet(shard.FullPath, stamp, out var digest)
            ? TryOpen(shard, IndexHash(session, shard, digest), stamp, digest)
            : null;
    }

    private static FileStamp CurrentStamp(PlanShard shard) => FileStamp.TryOf(shard.FullPath, out var stamp)
        ? stamp
        : throw new DatasetException(
            DataCodes.UnreadableShard, $"the shard cannot be read: {UnusableFile.Describe(shard.FullPath) ?? "it came and went"}. {Remedy}", shard.FullPath);

    /// <summary>
    /// A shard that was renamed, copied or only touched has a new stamp and old content: it is hashed, but not parsed. Tried only where a file of just
    /// this size is known, so that a new shard is read once.
    /// </summary>
    private Found? TryRecognise(PlanShard shard, IndexProgress progress)
    {
        var stamp = CurrentStamp(shard);
        if (!stats.KnowsSize(stamp.Size))
        {
            return null;
        }

        var now = FileStamp.NowNs();
        if (ContentDigest.TryOfFile(shard.FullPath, session.Cancel) is not { } digest)
        {
            // Reading it in earnest says what is wrong.
            return null;
        }

        stamp = StampOf(shard, stamp, digest);
        var isRacy = stamp.IsRacy(now);
        if (TryOpen(shard, IndexHash(session, shard, digest), stamp, digest, isRacy) is not { } known)
        {
            return null;
        }

        stats.Set(shard.FullPath, stamp, digest, isRacy);
        progress.PassOver(stamp.Size);
        return known;
    }

    /// <summary>
    /// The stamp that stands for what was read. Where it moved meanwhile, the content decides: it is read once more, behind the new stamp, which is
    /// racy since the reading began before it.
    /// </summary>
    private static FileStamp StampOf(PlanShard shard, FileStamp before, ContentDigest read)
    {
        if (!FileStamp.TryOf(shard.FullPath, out var after))
        {
            throw Changed(shard, "it is gone");
        }

        return after == before || ContentDigest.TryOfFile(shard.FullPath) == read ? after : throw Changed(shard, "its content is another");
    }

    private Found ReadAndKeep(PlanShard shard, IndexProgress progress)
    {
        var now = FileStamp.NowNs();
        var (previousHash, previous) = PreviousOf(shard);
        var read = Read(session, shard, progress.Report, previous);
        var isRacy = read.Stamp.IsRacy(now);
        stats.Set(shard.FullPath, read.Stamp, read.Digest, isRacy);
        var index = read.Index;
        var takenOver = 0;
        foreach (var run in read.Known)
        {
            takenOver += run.Count;
        }

        Interlocked.Add(ref parsed, index.Count - takenOver);
        var hash = IndexHash(session, shard, read.Digest);
        if (!ShardIndexFile.Write(session.Derived, hash, index))
        {
            lock (session.UnkeptIndexes)
            {
                session.UnkeptIndexes[shard.FullPath] = index;
            }
        }

        var found = Describe(shard, index, read.Stamp, read.Digest, hash, isRacy);
        return takenOver == 0 ? found : found with { Shard = found.Shard with { Previous = new PreviousShard(previousHash!, previous!.Count, read.Known) } };
    }

    /// <summary>The index of what stood under the shard's path before, as far as it is still kept.</summary>
    private (byte[]? Hash, ShardIndex? Index) PreviousOf(PlanShard shard)
    {
        if (!stats.TryGetPrevious(shard.FullPath, out var digest))
        {
            return default;
        }

        var hash = IndexHash(session, shard, digest);
        return (hash, ShardIndexFile.TryLoad(session.Derived, hash));
    }

    /// <summary>A kept index; its keys are read when there is room for those of all shards.</summary>
    private Found? TryOpen(PlanShard shard, byte[] hash, FileStamp stamp, ContentDigest digest, bool isRacy = false) =>
        Open(session, shard, hash, digest) is { } index ? Describe(shard, index, stamp, digest, hash, isRacy) : null;

    private static Found Describe(PlanShard shard, ShardIndex index, FileStamp stamp, ContentDigest digest, byte[] hash, bool isRacy) => new(
        new PoolShard(shard, 0, index.Count, stamp, digest, hash)
        {
            WasRacy = isRacy,
            DialectSet = index.DialectSet,
            FieldSet = index.FieldSet,
            IsBlank = index.Count == 0 && index.InvalidCount == 0 && index.Container == Container.Lines && stamp.Size > 0,
            Invalid = index.InvalidCount > 0 ? index.Invalid : [],
        },
        index);

    private static ReadShard Read(BuildSession session, PlanShard shard, Action<int, long>? progress, ShardIndex? previous)
    {
        try
        {
            if (!FileStamp.TryOf(shard.FullPath, out var before))
            {
                throw new FileNotFoundException("the file does not exist");
            }

            var (index, digest, known) = ShardIndexer.Read(shard.FullPath, shard.Shape, session.Settings.MaxRecordBytes, progress, session.Cancel, MaxInvalid(session), previous);
            var content = ContentDigest.Read(digest);
            return new ReadShard(index, content, StampOf(shard, before, content), known);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(DataCodes.UnreadableShard, Unreadable(error), shard.FullPath, inner: error);
        }
    }

    private static byte[] IndexHash(BuildSession session, PlanShard shard, ContentDigest digest) => SHA256.HashData(Encoding.UTF8.GetBytes(
        FormattableString.Invariant($"reader={EngineVersion.Build}\ncontent={digest}\n{shard.Shape.Identity}max={session.Settings.MaxRecordBytes}\n")));

    private Pool Assemble(Found[] found)
    {
        long total = 0;
        foreach (var shard in found)
        {
            total += shard.Shard.Count;
        }

        if (total > Array.MaxLength)
        {
            throw new DatasetException(DataCodes.UnreadableShard, $"the pool has {total} records; a build takes at most {Array.MaxLength}. Split it into several projects.");
        }

        var keys = new RecordKey[total];
        var shards = new List<PoolShard>(found.Length);
        var first = 0;
        foreach (var (shard, _) in found)
        {
            shards.Add(shard with { First = first });
            first += shard.Count;
        }

        session.Parallel(found.Length, i => found[i].Index.CopyKeys(keys, shards[i].First));
        return new Pool(shards, keys);
    }

    private sealed record Found(PoolShard Shard, ShardIndex Index);

    private sealed record ReadShard(ShardIndex Index, ContentDigest Digest, FileStamp Stamp, IReadOnlyList<KnownRun> Known);
}
