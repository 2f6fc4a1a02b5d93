using System.Runtime.InteropServices;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Reporting;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Writes what is for people, beside the subset and never in it: a page, every record's verdict, and the records that could not be read. Files that
/// would not change are left alone. All is written beside its place before the subset changes, and takes it afterwards.
/// </summary>
internal sealed class ReportWriter(Analysis analysis) : IDisposable
{
    private const string PageName = "report.html";
    private const string QuarantineName = "quarantine.jsonl";
    private const string VerdictFolder = "verdicts";

    /// <summary>Enough of a bad record to know it by; the shard has the rest.</summary>
    private const int MaxQuarantinedBytes = 1 << 16;

    private readonly string folder = analysis.Session.Plan.ReportPath;
    private readonly VerdictReader verdicts = new(analysis);
    private readonly PendingFiles pending = new(analysis.Session.Plan.ReportPath);
    private VerdictFingerprint[] now = [];
    private readonly List<string> stale = [];

    /// <summary>Twins are told by shard number, which means something only together with the names of all shards.</summary>
    private readonly ulong shardNames = XxHash64.Hash(Encoding.UTF8.GetBytes(string.Join('\n', analysis.Pool.Shards.Concat(analysis.Pool.Base?.Shards ?? []).Select(shard => shard.Name))));

    private string SeenPath => Path.Combine(analysis.Session.Plan.StatePath, "verdicts.blk");

    /// <summary>Writes all that is new, without putting it in place.</summary>
    /// <exception cref="DatasetException">The report cannot be written, or a shard with unreadable records is no longer what it was.</exception>
    public void Prepare()
    {
        try
        {
            Directory.CreateDirectory(folder);
            pending.Write(PageName, Page());
            PrepareQuarantine();
            PrepareVerdicts();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                ProjectCodes.CannotWrite,
                $"the report cannot be written ({error.Message}). Check the disk and the permissions, or choose another DatasetReportPath; the previous subset is as it was.",
                folder,
                inner: error);
        }
    }

    /// <summary>Puts the report in place and returns the full paths of all its files.</summary>
    public List<string> Publish(TimeSpan elapsed)
    {
        pending.Publish();
        stale.ForEach(File.Delete);
        VerdictFingerprints.Save(SeenPath, now);
        PrivateFile.WriteIfDifferent(
            Path.Combine(analysis.Session.Plan.StatePath, "run.json"),
            RunFacts.ToJson(elapsed, analysis.Parsed, analysis.Pool.Count, analysis.Summaries));
        string[] quarantine = analysis.InvalidCount > 0 ? [Path.Combine(folder, QuarantineName)] : [];
        return [Path.Combine(folder, PageName), .. quarantine, .. now.Select(file => file.Path).Order(StringComparer.Ordinal)];
    }

    public void Dispose() => pending.Dispose();

    private byte[] Page()
    {
        var inputs = analysis.Pool.Shards.Select(shard => new ShardCounts(shard.Name, shard.Count, shard.Invalid.Count)).ToList();
        return ReportPage.Render(analysis.Session.Settings.Name, analysis.Summaries, inputs, analysis.Pool.Count, analysis.Fates.Kept);
    }

    private void PrepareVerdicts()
    {
        var seen = VerdictFingerprints.Load(SeenPath);
        var asWritten = StampsOfLastBuild();
        now = new VerdictFingerprint[analysis.Pool.Shards.Count];
        analysis.Session.Parallel(now.Length, number =>
        {
            var shard = analysis.Pool.Shards[number];
            var name = $"{VerdictFolder}/{VerdictPath.Of(shard.Name)}";
            var path = pending.PathOf(name);
            now[number] = new VerdictFingerprint(path, Fingerprint(shard));
            if (!now[number].Equals(seen.GetValueOrDefault(path)) || !asWritten.TryGetValue(path, out var written) || !FileStamp.TryOf(path, out var found) || found != written.Stamp)
            {
                pending.Write(name, Verdicts(number, shard));
            }
        });

        stale.AddRange(CacheListing.Files(Path.Combine(folder, VerdictFolder)).Select(file => file.Path)
            .Except(now.Select(file => Path.GetFullPath(file.Path)))
            .Where(path => path.EndsWith(".csv", StringComparison.Ordinal) && IsVerdicts(path)));
    }

    /// <summary>Whether a build wrote a file, even one that nobody remembers: what a user keeps among the verdicts does not begin as they do.</summary>
    private static bool IsVerdicts(string path)
    {
        Span<byte> beginning = stackalloc byte[VerdictFile.Beginning.Length];
        using var file = CacheFiles.OpenRead(path);
        return file is not null && CacheFiles.TryReadExactly(file, beginning, 0) && beginning.SequenceEqual(VerdictFile.Beginning);
    }

    private Dictionary<string, SeenFile> StampsOfLastBuild()
    {
        var files = new Dictionary<string, SeenFile>(StringComparer.Ordinal);
        foreach (var file in LastBuild.Load(analysis.Session.Plan.StatePath)?.Reports ?? [])
        {
            files[file.Path] = file;
        }

        return files;
    }

    private ReadOnlySpan<byte> Verdicts(int number, PoolShard shard)
    {
        var index = verdicts.IndexOf(number);
        var csv = new VerdictFile(analysis.Stages.Select(stage => stage.Name));
        StageOutcome[] outcomes = [.. analysis.Outcomes];
        for (var i = 0; i < shard.Count; i++)
        {
            var record = shard.First + i;
            var droppedBy = analysis.Fates.DroppedBy(record);
            csv.Begin(index.LineOf(i));
            if (droppedBy < 0)
            {
                csv.Kept();
            }
            else
            {
                csv.Dropped(analysis.Stages[droppedBy].Name, verdicts.ReasonOf(record), verdicts.TwinOf(record));
            }

            foreach (var outcome in outcomes)
            {
                if (outcome.Scores is { } scores && outcome.States is { } states && states[record] == Scores.HasValue)
                {
                    csv.Score(scores.Value[record]);
                }
                else
                {
                    csv.NoScore();
                }
            }

            csv.End();
        }

        return csv.Bytes;
    }

    /// <summary>A hash of all that a shard's verdicts say, without saying it.</summary>
    private ulong Fingerprint(PoolShard shard)
    {
        var reasons = analysis.Fates.ReasonsIn(shard.First, shard.Count);
        var hash = XxHash64.Hash(shard.IndexHash) ^ shardNames;
        Mix(ref hash, analysis.Fates.DropsIn(shard.First, shard.Count));
        Mix(ref hash, MemoryMarshal.AsBytes(reasons));
        foreach (var stage in analysis.Stages)
        {
            Mix(ref hash, Encoding.UTF8.GetBytes(stage.Name));
        }

        foreach (var outcome in analysis.Outcomes)
        {
            if (outcome.States is { } states)
            {
                Mix(ref hash, states.AsSpan(shard.First, shard.Count));
            }

            if (outcome.Scores is { } scores)
            {
                Mix(ref hash, MemoryMarshal.AsBytes(scores.Value.AsSpan(shard.First, shard.Count)));
            }
        }

        var twinned = MemoryMarshal.AsBytes(reasons);
        for (int i = 0, step; (step = twinned[i..].IndexOfAny((byte)DropReason.Duplicate, (byte)DropReason.NearDuplicate)) >= 0; i++)
        {
            // Where a twin stands changes its row, so its line and the name of its shard count.
            i += step;
            var twin = analysis.Fates.Twin(shard.First + i);
            hash = (hash * 0x9E3779B185EBCA87) + ((ulong)verdicts.LineOf(twin) << 32) + (ulong)verdicts.ShardNumberOf(twin);
        }

        return hash;

        static void Mix(ref ulong hash, ReadOnlySpan<byte> bytes) => hash = (hash * 0x9E3779B185EBCA87) ^ XxHash64.Hash(bytes);
    }

    private void PrepareQuarantine()
    {
        if (analysis.InvalidCount > 0)
        {
            pending.Write(QuarantineName, Quarantine.Render(analysis.Pool.Shards.Where(shard => shard.Invalid.Count > 0).SelectMany(QuarantinedIn)));
        }
        else if (File.Exists(pending.PathOf(QuarantineName)))
        {
            stale.Add(pending.PathOf(QuarantineName));
        }
    }

    private List<QuarantinedRecord> QuarantinedIn(PoolShard shard)
    {
        try
        {
            using var fetcher = new RecordFetcher(shard.Declared.FullPath, PoolIndexer.Load(analysis.Session, shard).IsGzip);
            List<QuarantinedRecord> records = [.. shard.Invalid.Select(invalid => new QuarantinedRecord(
                shard.Name, invalid.Line, invalid.Column, invalid.Code, invalid.Message, TextOf(invalid, fetcher)))];
            PoolIndexer.RefuseChanged(shard);
            return records;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw PoolIndexer.Changed(shard.Declared, "its unreadable records can no longer be read", error);
        }
    }

    private static byte[] TextOf(InvalidRecord invalid, RecordFetcher fetcher) =>
        invalid.Length == 0 ? [] : fetcher.Fetch(invalid.Offset, Math.Min(invalid.Length, MaxQuarantinedBytes)).ToArray();
}
