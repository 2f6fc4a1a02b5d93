using DatasetBuild.Records;
using DatasetBuild.Scoring;

namespace DatasetBuild.Benchmarks;

/// <summary>How many megabytes of text a thread brings to band keys in a second of CPU time, one figure a run.</summary>
internal sealed record SignatureRate(string Rule, IReadOnlyList<double> MegabytesPerSecond);

/// <summary>Measures signatures alone: the conversations lie in memory.</summary>
internal static class SignatureRates
{
    private const long MostBytes = 200_000_000;

    public static List<SignatureRate> Measure(IEnumerable<string> shards, int runs)
    {
        using var batches = new Batches();
        foreach (var shard in shards.TakeWhile(_ => batches.TextBytes < MostBytes))
        {
            batches.Add(shard);
        }

        return
        [
            new SignatureRate("default", Rates(new NearDuplicateScorer(NearDuplicateRule.Default(Part.Record)))),
            new SignatureRate("DataTrove", Rates(new NearDuplicateScorer(NearDuplicateRule.DataTrove(Part.Record)))),
        ];

        List<double> Rates(NearDuplicateScorer scorer)
        {
            var rates = new List<double>();
            for (var run = -1; run < runs; run++)
            {
                var before = Environment.CpuUsage.TotalTime;
                foreach (var batch in batches.All)
                {
                    scorer.Score(batch, new byte[batch.Count * scorer.Width], new byte[batch.Count]);
                }

                if (run >= 0)
                {
                    rates.Add(batches.TextBytes / 1e6 / (Environment.CpuUsage.TotalTime - before).TotalSeconds);
                }
            }

            return rates;
        }
    }

    private sealed class Batches : IDisposable
    {
        private const int RecordsPerBatch = 512;

        public List<ConversationBatch> All { get; } = [];

        public long TextBytes { get; private set; }

        public void Add(string shard)
        {
            using var parser = new ConversationParser(ShapeOptions.Detect);
            foreach (var line in File.ReadLines(shard))
            {
                var json = System.Text.Encoding.UTF8.GetBytes(line);
                parser.Parse(json);
                var canonical = parser.Canonical(json);
                if (All.Count == 0 || All[^1].Count == RecordsPerBatch)
                {
                    All.Add(new ConversationBatch());
                }

                All[^1].Add(canonical);
                foreach (var text in new Conversation(canonical).Texts(Part.Record))
                {
                    TextBytes += text.Length;
                }
            }
        }

        public void Dispose() => All.ForEach(batch => batch.Dispose());
    }
}
