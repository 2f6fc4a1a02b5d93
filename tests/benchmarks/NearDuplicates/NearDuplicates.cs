using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DatasetBuild.Benchmarks;

/// <summary>What near duplicates cost, and which of those that were planted are found.</summary>
internal static class NearDuplicates
{
    private const string Name = "near";

    public static int Run(string pool, string[] options)
    {
        var runs = int.Parse(CommandLine.Option(options, "--runs") ?? "3", CultureInfo.InvariantCulture);
        var shards = Directory.EnumerateFiles(pool, "part-*.jsonl").Order(StringComparer.Ordinal).ToList();
        var signatures = SignatureRates.Measure(shards, runs);
        var builds = Builds(shards, CommandLine.Option(options, "--keep"), runs);
        var recall = File.Exists(Path.Combine(pool, "truth.tsv")) ? PlantedPairs.Find(pool, shards) : null;
        if (options.Contains("--json"))
        {
            Console.WriteLine(JsonSerializer.Serialize(new { bytes = shards.Sum(path => new FileInfo(path).Length), signatures, builds = builds.Select(build => new { name = build.Case, runs = build.Costs }), recall }));
            return 0;
        }

        Print(shards, signatures, builds, recall);
        return 0;
    }

    private static List<(string Case, List<Cost> Costs)> Builds(List<string> shards, string? keep, int runs)
    {
        var work = Directory.CreateTempSubdirectory("dataset-benchmark-");
        try
        {
            var engine = new Engine(work.FullName);
            var changing = shards.Count / 2;
            var editable = Path.Combine(work.FullName, "part-changing.jsonl");
            File.Copy(shards[changing], editable);
            List<(string, Dictionary<string, string>)> stages = [("NearDedup", [])];
            if (keep is not null)
            {
                stages.Add(("Longest", new() { ["Kind"] = "TokenLength", ["Counter"] = "Bytes", ["Part"] = "Response", ["Keep"] = keep }));
            }

            var plan = engine.WritePlan(Name, [.. shards[..changing], editable, .. shards[(changing + 1)..]], [.. stages]);
            var generation = 0;
            return
            [
                ("clean build", Repeat(() => engine.Forget(Name))),
                ("nothing changed", Repeat(() => { })),
                ("one shard replaced", Repeat(() => IncrementalBuilds.Replace(shards[(changing + 1) % shards.Count], editable, ++generation))),
            ];

            List<Cost> Repeat(Action prepare)
            {
                var costs = new List<Cost>();
                for (var run = 0; run < runs; run++)
                {
                    prepare();
                    Thread.Sleep(50); // past the file system's clock tick
                    costs.Add(engine.Build(plan));
                }

                return costs;
            }
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static void Print(List<string> shards, List<SignatureRate> signatures, List<(string Case, List<Cost> Costs)> builds, RecallTable? recall)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{shards.Sum(path => new FileInfo(path).Length) / 1e6:N0} MB in {shards.Count} shards\n\n| signatures | MB/s of text on one thread, median (range) |\n|---|---:|\n");
        foreach (var rate in signatures)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {rate.Rule} | {Statistics.Summary(rate.MegabytesPerSecond, "0")} |\n");
        }

        text.Append("\n| build | CPU s, median (range) | wall s, median (range) | peak MB | CPU to clean |\n|---|---:|---:|---:|---:|\n");
        var clean = Statistics.Median(builds[0].Costs.Select(cost => cost.Cpu));
        foreach (var (name, costs) in builds)
        {
            var cpu = costs.ConvertAll(cost => cost.Cpu);
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {Statistics.Summary(cpu, "0.00")} | {Statistics.Summary(costs.ConvertAll(cost => cost.Wall), "0.00")} | {costs.Max(cost => cost.PeakBytes) / 1e6:0} | {100 * Statistics.Median(cpu) / clean:0.0} % |\n");
        }

        if (recall is not null)
        {
            text.Append("\n| Jaccard | planted pairs | found |\n|---|---:|---:|\n");
            foreach (var row in recall.Rows)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {row.From:0.0} to {row.To:0.0} | {row.Pairs} | {(row.Pairs == 0 ? 0 : (double)row.Found / row.Pairs):0.0000} |\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"\n{recall.Dropped} records dropped, {recall.DroppedBelowThreshold} of them below the threshold.\n");
        }

        Console.Write(text);
    }
}
