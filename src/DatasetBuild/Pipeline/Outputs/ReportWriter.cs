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
internal sealed class ReportWriter(Analysis analysis, OutputPlan output) : IDisposable
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
    private Dictionary<string, WrittenFile> asWritten = [];

    /// <summary>Twins are told by shard number, which means something only together with the names of all shards.</summary>
    private readonly ulong shardNames = XxHash64.Hash(Encoding.UTF8.GetBytes(string.Join('\n', analysis.Pool.Shards.Concat(analysis.Pool.Base?.Shards ?? []).Select(shard => shard.Name))));

    /// <summary>What a row says behind the record's fate: what each stage says, then what the items are that some found.</summary>
    private string[] Columns => [.. analysis.Stages.Select(stage => stage.Name), .. verdicts.MatchingStages.SelectMany(VerdictCsv.MatchColumns)];

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

    /// <summary>Puts the report in place and returns all its files.</summary>
    public IReadOnlyList<WrittenFile> Publish(TimeSpan elapsed)
    {
        var manifestPath = pending.PathOf(ReportManifest.Name);
        var manifest = File.ReadAllBytes(Path.Combine(analysis.Session.Plan.OutputPath, Manifest.RelativePath));
        var previous = KeepPrevious(manifestPath, manifest);
        pending.Publish();
        stale.ForEach(File.Delete);
        PrivateFile.WriteIfDifferent(manifestPath, manifest);
        previous?.Finish();
        VerdictFingerprints.Save(SeenPath, now);
        PrivateFile.WriteIfDifferent(
            Path.Combine(analysis.Session.Plan.StatePath, "run.json"),
            RunFacts.ToJson(elapsed, analysis.Parsed, analysis.Pool.Count, analysis.Summaries));
        string[] quarantine = analysis.InvalidCount > 0 ? [Path.Combine(folder, QuarantineName)] : [];
        string[] paths = [Path.Combine(folder, PageName), manifestPath, .. quarantine, .. now.Select(file => file.Path).Order(StringComparer.Ordinal)];
        var files = new WrittenFile[paths.Length];
        analysis.Session.Parallel(files.Length, number => files[number] = WrittenFile.Of(paths[number], BeforeOf(paths[number])), canStop: false);
        return files;
    }

    public void Dispose() => pending.Dispose();

    /// <summary>Keeps what this build is about to replace, where it says anything new; null where it does not.</summary>
    private PreviousReport? KeepPrevious(string manifestPath, ReadOnlySpan<byte> manifest)
    {
        List<string> replaced = [.. pending.Paths.Concat(stale).Where(path => path.EndsWith(".csv", StringComparison.Ordinal))];
        if (replaced.Count == 0 && File.Exists(manifestPath) && File.ReadAllBytes(manifestPath).AsSpan().SequenceEqual(manifest))
        {
            return null;
        }

        var previous = new PreviousReport(analysis.Session.Plan.StatePath, folder);
        previous.Begin(replaced.Append(manifestPath).All(path => BeforeOf(path) is null ? !File.Exists(path) : IsAsWritten(path)));
        replaced.ForEach(previous.Take);
        return previous;
    }

    private WrittenFile? BeforeOf(string path) => asWritten.GetValueOrDefault(Path.GetRelativePath(folder, path));

    private bool IsAsWritten(string path) => BeforeOf(path)?.IsSameAt(path) == true;

    private byte[] Page()
    {
        var inputs = analysis.Pool.Shards.Select(shard => new ShardCounts(shard.Name, shard.Count, shard.Invalid.Count)).ToList();
        return ReportPage.Render(analysis.Session.Settings.Name, analysis.Summaries, inputs, analysis.Pool.Count, analysis.Fates.Kept);
    }

    private void PrepareVerdicts()
    {
        var seen = VerdictFingerprints.Load(SeenPath);
        asWritten = LastReport();
        now = new VerdictFingerprint[analysis.Pool.Shards.Count];
        analysis.Session.Parallel(now.Length, number =>
        {
            var shard = analysis.Pool.Shards[number];
            var name = $"{VerdictFolder}/{VerdictPath.Of(shard.Name)}";
            var path = pending.PathOf(name);
            now[number] = new VerdictFingerprint(path, Fingerprint(shard));
            if (!now[number].Equals(seen.GetValueOrDefault(path)) || !IsAsWritten(path))
            {
                using var csv = Verdicts(number, shard);
                pending.Write(name, csv.Bytes);
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

    /// <summary>The files of the last build's report by their names in it: a project that was moved took them along.</summary>
    private Dictionary<string, WrittenFile> LastReport()
    {
        var files = new Dictionary<string, WrittenFile>(StringComparer.Ordinal);
        if (LastBuild.Load(analysis.Session.Plan.StatePath) is { } last)
        {
            foreach (var file in last.Reports)
            {
                files[Path.GetRelativePath(last.Folders.Report, file.Path)] = file;
            }
        }

        return files;
    }

    private VerdictFile Verdicts(int number, PoolShard shard)
    {
        var index = verdicts.IndexOf(number);
        var csv = new VerdictFile(Columns);
        StageOutcome[] outcomes = [.. analysis.Outcomes];
        SharedByRecord[] matches = [.. outcomes.Select(outcome => outcome.Matches).OfType<SharedByRecord>()];
        var selected = Pool.LowerBound(output.Selected, shard.First);
        for (var i = 0; i < shard.Count; i++)
        {
            var record = shard.First + i;
            var droppedBy = analysis.Fates.DroppedBy(record);
            csv.Begin(index.LineOf(i));
            if (droppedBy < 0)
            {
                csv.Kept(analysis.Pool.Keys[record], output.SplitOf(selected++));
            }
            else
            {
                csv.Dropped(analysis.Pool.Keys[record], analysis.Stages[droppedBy].Name, verdicts.ReasonOf(record), verdicts.TwinOf(record));
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

            foreach (var match in matches)
            {
                csv.Match(match[record]);
            }

            csv.End();
        }

        return csv;
    }

    /// <summary>A hash of all that a shard's verdicts say, without saying it.</summary>
    private ulong Fingerprint(PoolShard shard)
    {
        var reasons = analysis.Fates.ReasonsIn(shard.First, shard.Count);
        var hash = XxHash64.Hash(shard.IndexHash) ^ shardNames;
        Mix(ref hash, analysis.Fates.DropsIn(shard.First, shard.Count));
        Mix(ref hash, MemoryMarshal.AsBytes(reasons));
        hash ^= SplitsIn(shard);
        foreach (var column in Columns)
        {
            Mix(ref hash, Encoding.UTF8.GetBytes(column));
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

            foreach (var match in outcome.Matches?.In(shard) ?? [])
            {
                // An item that moved in its file changes the rows that name it.
                Mix(ref hash, Encoding.UTF8.GetBytes($"{match.Item}\n{match.Start}"));
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

    /// <summary>A hash of the splits that the records of a shard stand in; 0 where there is only one.</summary>
    private ulong SplitsIn(PoolShard shard)
    {
        if (!output.HasSplits)
        {
            return 0;
        }

        var first = Pool.LowerBound(output.Selected, shard.First);
        using var splits = new RentedBytes(Pool.LowerBound(output.Selected, shard.First + shard.Count) - first);
        for (var i = 0; i < splits.Length; i++)
        {
            splits.Span[i] = (byte)output.SplitOf(first + i)[0];
        }

        return XxHash64.Hash(splits.Span);
    }

    private void PrepareQuarantine()
    {
        if (analysis.InvalidCount > 0)
        {
            pending.Write(QuarantineName, file =>
            {
                foreach (var shard in analysis.Pool.Shards.Where(shard => shard.Invalid.Count > 0))
                {
                    WriteQuarantined(shard, file);
                }
            });
        }
        else if (File.Exists(pending.PathOf(QuarantineName)))
        {
            stale.Add(pending.PathOf(QuarantineName));
        }
    }

    private void WriteQuarantined(PoolShard shard, Stream file)
    {
        using var fetcher = shard.Invalid.All(invalid => invalid.Length == 0) ? null : StillReadable(shard, () => new RecordFetcher(shard.Declared.FullPath, PoolIndexer.Load(analysis.Session, shard).IsGzip));
        foreach (var invalid in shard.Invalid)
        {
            var bytes = invalid.Length == 0 ? [] : StillReadable(shard, () => fetcher!.Fetch(invalid.Offset, Math.Min(invalid.Length, MaxQuarantinedBytes)).ToArray());
            Quarantine.Write(file, new QuarantinedRecord(shard.Name, invalid.Line, invalid.Column, invalid.Code, invalid.Message, bytes));
        }

        StillReadable(shard, () =>
        {
            PoolIndexer.RefuseChanged(shard);
            return true;
        });
    }

    /// <summary>A shard that was read before and cannot be read now has changed.</summary>
    private static T StillReadable<T>(PoolShard shard, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw PoolIndexer.Changed(shard.Declared, "its unreadable records can no longer be read", error);
        }
    }
}
