using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DatasetBuild.Benchmarks;

/// <summary>What a build costs when all, nothing, one record, one shard or one threshold is new.</summary>
internal static class IncrementalBuilds
{
    private const string Name = "pool";

    public static int Run(string pool, string[] options)
    {
        var runs = int.Parse(CommandLine.Option(options, "--runs") ?? "5", CultureInfo.InvariantCulture);
        var keep = CommandLine.Option(options, "--keep") ?? "6%";
        var shards = Directory.EnumerateFiles(pool, "*.jsonl").Order(StringComparer.Ordinal).ToList();
        var work = Directory.CreateTempSubdirectory("dataset-benchmark-");
        try
        {
            var engine = new Engine(work.FullName);
            var results = new List<(string Case, List<Cost> Costs)>();
            var changing = shards.Count / 2;
            var editable = Path.Combine(work.FullName, "part-changing.jsonl");
            var plan = engine.WritePlan(Name, [.. shards[..changing], editable, .. shards[(changing + 1)..]], keep);
            File.Copy(shards[changing], editable);

            Measure("clean build", () => engine.Forget(Name));
            Measure("nothing changed", () => { });
            Measure("one shard touched", () => File.SetLastWriteTimeUtc(editable, DateTime.UtcNow));
            Measure("one record changed, outside the subset", () => Edit(editable, longest: false));
            Measure("one record changed, inside the subset", () => Edit(editable, longest: true));
            var generation = 0;
            Measure("one shard replaced", () => Replace(shards[(changing + 1) % shards.Count], editable, ++generation));
            var narrower = false;
            Measure("threshold changed", () => engine.WritePlan(Name, PlanShards(), (narrower = !narrower) ? "5%" : keep));

            var tenth = shards.Take((int)Math.Round(shards.Count / 10.0)).ToList();
            var small = engine.WritePlan("tenth", tenth, keep);
            results.Add(($"clean build of {tenth.Count} of {shards.Count} shards", Repeat(() => engine.Forget("tenth"), small)));

            Print(results, options.Contains("--json"), engine.Form, runs, shards.Sum(path => new FileInfo(path).Length));
            return 0;

            IEnumerable<string> PlanShards() => [.. shards[..changing], editable, .. shards[(changing + 1)..]];

            void Measure(string name, Action prepare) => results.Add((name, Repeat(prepare, plan)));

            List<Cost> Repeat(Action prepare, string built)
            {
                var costs = new List<Cost>();
                for (var run = 0; run <= runs; run++)
                {
                    prepare();
                    Thread.Sleep(50); // past the file system's clock tick, as any human is
                    var cost = engine.Build(built);
                    if (run > 0)
                    {
                        costs.Add(cost); // the first run only warms up
                    }
                }

                return costs;
            }
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static void Edit(string shard, bool longest)
    {
        var lines = File.ReadAllLines(shard);
        var answers = lines.Select(line => JsonNode.Parse(line)!["messages"]!.AsArray()[^1]!["content"]!.GetValue<string>().Length).ToList();
        var order = Enumerable.Range(0, lines.Length).OrderBy(i => answers[i]).ToList();
        var line = longest ? order[^1] : order[order.Count / 4];
        var record = JsonNode.Parse(lines[line])!;
        var answer = record["messages"]!.AsArray()[^1]!;
        answer["content"] = answer["content"]!.GetValue<string>() + " Once more.";
        lines[line] = record.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        File.WriteAllLines(shard, lines);
    }

    internal static void Replace(string source, string shard, int generation) =>
        File.WriteAllText(shard, File.ReadAllText(source).Replace("\"role\": \"assistant\", \"content\": \"", $"\"role\": \"assistant\", \"content\": \"[{generation}] ", StringComparison.Ordinal));

    private static void Print(List<(string Case, List<Cost> Costs)> results, bool asJson, string form, int runs, long bytes)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(results.Select(result => new { name = result.Case, runs = result.Costs })));
            return;
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{bytes / 1e6:N0} MB, {runs} runs, engine {form}\n\n");
        text.Append("| build | CPU s, median (range) | wall s, median (range) | peak MB | CPU to clean |\n|---|---:|---:|---:|---:|\n");
        var clean = Statistics.Median(results[0].Costs.Select(cost => cost.Cpu));
        foreach (var (name, costs) in results)
        {
            var cpu = costs.Select(cost => cost.Cpu).ToList();
            var wall = costs.Select(cost => cost.Wall).ToList();
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {Statistics.Summary(cpu, "0.00")} | {Statistics.Summary(wall, "0.00")} | {costs.Max(cost => cost.PeakBytes) / 1e6:0} | {100 * Statistics.Median(cpu) / clean:0.0} % |\n");
        }

        Console.Write(text);
    }
}
