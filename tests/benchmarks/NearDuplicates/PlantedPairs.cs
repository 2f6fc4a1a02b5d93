using System.Globalization;
using System.Text.Json;
using DatasetBuild.Pipeline;
using DatasetBuild.Records;
using DatasetBuild.Scoring;

namespace DatasetBuild.Benchmarks;

/// <summary>Pairs of a range of similarity: how many were planted, and of how many one was dropped at least.</summary>
internal sealed record RecallRow(double From, double To, int Pairs, int Found);

/// <summary>What was found, and what of it should not have been.</summary>
internal sealed record RecallTable(IReadOnlyList<RecallRow> Rows, int Dropped, int DroppedBelowThreshold);

/// <summary>Looks for the pairs that truth.tsv names in what a stage with datatrove's preset drops, and compares every dropped record with its survivor.</summary>
internal static class PlantedPairs
{
    private const double Threshold = 0.8;

    public static RecallTable Find(string pool, IReadOnlyList<string> shards)
    {
        var work = Directory.CreateTempSubdirectory("dataset-benchmark-");
        try
        {
            var analysis = Analyze(work.FullName, shards);
            var sets = new Sets(analysis);
            var (pairs, found) = (new int[10], new int[10]);
            foreach (var line in File.ReadLines(Path.Combine(pool, "truth.tsv")))
            {
                var fields = line.Split('\t');
                var (record, source) = (int.Parse(fields[0], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture));
                if (source >= 0)
                {
                    var bin = Math.Min(9, (int)((sets.Jaccard(record, source) * 10) + 1e-9));
                    pairs[bin]++;
                    found[bin] += analysis.Fates.DroppedBy(record) >= 0 || analysis.Fates.DroppedBy(source) >= 0 ? 1 : 0;
                }
            }

            var (dropped, below) = (0, 0);
            for (var record = 0; record < analysis.Pool.Count; record++)
            {
                if (analysis.Fates.Twin(record) is >= 0 and var twin)
                {
                    dropped++;
                    below += sets.Jaccard(record, twin) < Threshold ? 1 : 0;
                }
            }

            return new RecallTable([.. pairs.Select((count, bin) => new RecallRow(bin / 10.0, (bin + 1) / 10.0, count, found[bin]))], dropped, below);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static Analysis Analyze(string folder, IReadOnlyList<string> shards)
    {
        var plan = Plan.Parse(
            JsonSerializer.SerializeToUtf8Bytes(new
            {
                version = 1,
                project = Path.Combine(folder, "recall.csproj"),
                outputPath = Path.Combine(folder, "out") + "/",
                reportPath = Path.Combine(folder, "report") + "/",
                statePath = Path.Combine(folder, "state") + "/",
                cachePath = Path.Combine(folder, "cache"),
                properties = new Dictionary<string, string>(),
                shards = shards.Select(path => new { path, metadata = new Dictionary<string, string>(), definedIn = "" }),
                stages = new[] { new { name = "NearDedup", metadata = new Dictionary<string, string> { ["Preset"] = "DataTrove", ["Threshold"] = "0.8" }, definedIn = "" } },
            }),
            "recall");
        return Analysis.Run(plan, new Silent(), CancellationToken.None);
    }

    /// <summary>The shingles of datatrove's preset as sets, read when they are asked for.</summary>
    private sealed class Sets(Analysis analysis)
    {
        private readonly Shingler shingler = new(ShingleRule.DataTrove);
        private readonly byte[][] canonical = ReadAll(analysis);

        public double Jaccard(int left, int right)
        {
            if (analysis.Pool.Keys[left] == analysis.Pool.Keys[right])
            {
                return 1;
            }

            var (one, other) = (SetOf(left), SetOf(right));
            var common = one.Count(other.Contains);
            return one.Count + other.Count == 0 ? 1 : (double)common / (one.Count + other.Count - common);
        }

        private HashSet<ulong> SetOf(int record)
        {
            var set = new HashSet<ulong>();
            shingler.Shingle(
                new Conversation(canonical[record]),
                Part.Record,
                some =>
                {
                    foreach (var shingle in some)
                    {
                        set.Add(shingle);
                    }
                },
                out _);
            return set;
        }

        private static byte[][] ReadAll(Analysis analysis)
        {
            var all = new byte[analysis.Pool.Count][];
            new RecordScan(analysis.Session, analysis.Pool).Conversations([.. Enumerable.Range(0, all.Length)], (records, batch) =>
            {
                for (var i = 0; i < records.Count; i++)
                {
                    all[records[i]] = batch.Canonical(i).ToArray();
                }
            });
            return all;
        }
    }

    private sealed class Silent : IBuildObserver
    {
        public void Report(Diagnostic diagnostic) => Console.Error.WriteLine(diagnostic);

        public void Progress(string step, long done, long total, long cached, long tokens = 0)
        {
        }

        public void StageDone(Reporting.StageSummary stage)
        {
        }
    }
}
