using System.Runtime.InteropServices;
using System.Text;
using DatasetBuild.Caching;
using DatasetBuild.Records;
using DatasetBuild.Reporting;
using DatasetBuild.Selection;

namespace DatasetBuild.Pipeline;

/// <summary>
/// Writes what is for people, beside the subset and never in it: a page, every record's verdict, and the records that could not be read. Files that
/// would not change are left alone.
/// </summary>
internal sealed class ReportWriter(Analysis analysis)
{
    /// <summary>Enough of a bad record to know it by; the shard has the rest.</summary>
    private const int MaxQuarantinedBytes = 1 << 16;

    private readonly string folder = analysis.Session.Plan.ReportPath;
    private readonly VerdictReader verdicts = new(analysis);

    /// <summary>Twins are told by shard number, which means something only together with the names of all shards.</summary>
    private readonly ulong shardNames = XxHash64.Hash(Encoding.UTF8.GetBytes(string.Join('\n', analysis.Pool.Shards.Select(shard => shard.Name))));

    /// <summary>Returns the full paths of all files of the report.</summary>
    public List<string> Write(TimeSpan elapsed)
    {
        Directory.CreateDirectory(folder);
        var session = analysis.Session;
        var page = Path.Combine(folder, "report.html");
        var inputs = analysis.Pool.Shards.Select(shard => new ShardCounts(shard.Name, shard.Count, shard.Invalid.Count)).ToList();
        PrivateFile.WriteIfDifferent(page, ReportPage.Render(session.Settings.Name, analysis.Summaries, inputs, analysis.Pool.Count, analysis.Fates.Kept));
        List<string> files = [page, .. WriteQuarantine(), .. WriteVerdicts()];
        PrivateFile.WriteIfDifferent(
            Path.Combine(session.Plan.StatePath, "run.json"),
            RunFacts.ToJson(elapsed, analysis.Parsed, analysis.Pool.Count, analysis.Summaries));
        return files;
    }

    private List<string> WriteVerdicts()
    {
        var seenPath = Path.Combine(analysis.Session.Plan.StatePath, "verdicts.blk");
        var seen = VerdictFingerprints.Load(seenPath);
        var asWritten = StampsOfLastBuild();
        var now = new VerdictFingerprint[analysis.Pool.Shards.Count];
        analysis.Session.Parallel(now.Length, number =>
        {
            var shard = analysis.Pool.Shards[number];
            var path = Path.Combine(folder, "verdicts", VerdictPath.Of(shard.Name));
            now[number] = new VerdictFingerprint(path, Fingerprint(shard));
            if (!now[number].Equals(seen.GetValueOrDefault(path)) || !asWritten.TryGetValue(path, out var written) || !FileStamp.TryOf(path, out var found) || found != written.Stamp)
            {
                WriteVerdicts(path, number, shard);
            }
        }, canStop: false);
        DeleteStaleVerdicts(now);
        VerdictFingerprints.Save(seenPath, now);
        return [.. now.Select(file => file.Path).Order(StringComparer.Ordinal)];
    }

    /// <summary>Deletes the verdicts on shards that are no more, whether or not anybody remembers having written them.</summary>
    private void DeleteStaleVerdicts(IEnumerable<VerdictFingerprint> now)
    {
        Span<byte> beginning = stackalloc byte[VerdictFile.Beginning.Length];
        foreach (var stale in CacheListing.Files(Path.Combine(folder, "verdicts")).Select(file => file.Path).Except(now.Select(file => file.Path)))
        {
            using var file = stale.EndsWith(".csv", StringComparison.Ordinal) ? CacheFiles.OpenRead(stale) : null;
            if (file is not null && CacheFiles.TryReadExactly(file, beginning, 0) && beginning.SequenceEqual(VerdictFile.Beginning))
            {
                File.Delete(stale);
            }
        }
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

    private void WriteVerdicts(string path, int number, PoolShard shard)
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

        PrivateFile.Write(path, csv.Bytes);
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

        for (int i = 0, step; (step = reasons[i..].IndexOf(DropReason.Duplicate)) >= 0; i++)
        {
            // Where a twin stands changes its row, so its line and the name of its shard count.
            i += step;
            var twin = analysis.Fates.Twin(shard.First + i);
            hash = (hash * 0x9E3779B185EBCA87) + ((ulong)verdicts.LineOf(twin) << 32) + (ulong)analysis.Pool.ShardNumberOf(twin);
        }

        return hash;

        static void Mix(ref ulong hash, ReadOnlySpan<byte> bytes) => hash = (hash * 0x9E3779B185EBCA87) ^ XxHash64.Hash(bytes);
    }

    private List<string> WriteQuarantine()
    {
        var path = Path.Combine(folder, "quarantine.jsonl");
        if (analysis.InvalidCount == 0)
        {
            File.Delete(path);
            return [];
        }

        PrivateFile.WriteIfDifferent(path, Quarantine.Render(analysis.Pool.Shards.Where(shard => shard.Invalid.Count > 0).SelectMany(QuarantinedIn)));
        return [path];
    }

    private IEnumerable<QuarantinedRecord> QuarantinedIn(PoolShard shard)
    {
        using var fetcher = new RecordFetcher(shard.Declared.FullPath, PoolIndexer.Load(analysis.Session, shard).IsGzip);
        foreach (var invalid in shard.Invalid)
        {
            var shown = Math.Min(invalid.Length, MaxQuarantinedBytes);
            yield return new QuarantinedRecord(
                shard.Name, invalid.Line, invalid.Column, invalid.Code, invalid.Message, shown == 0 ? [] : fetcher.Fetch(invalid.Offset, shown).ToArray());
        }
    }
}
