using System.Globalization;
using System.Text.Json;

namespace DatasetBuild.Benchmarks;

/// <summary>
/// What a process costs that counts the tokens of one small shard, all records of which are new, with a vocabulary from derived data: beside one that counts
/// words, and one for which nothing changed.
/// </summary>
internal static class SmallJobs
{
    private const string Shard = "small.jsonl";

    public static int Run(string source, string tokenizer, string[] options)
    {
        var runs = int.Parse(CommandLine.Option(options, "--runs") ?? "9", CultureInfo.InvariantCulture);
        var megabytes = double.Parse(CommandLine.Option(options, "--megabytes") ?? "1", CultureInfo.InvariantCulture);
        var work = Directory.CreateTempSubdirectory("dataset-benchmark-");
        try
        {
            var engine = new Engine(work.FullName);
            var shard = Path.Combine(work.FullName, Shard);
            var bytes = 0L;
            File.WriteAllLines(shard, File.ReadLines(source).TakeWhile(line => (bytes += line.Length + 1) <= megabytes * 1e6));
            var tokens = engine.WritePlan("tokens", [shard], ("Length", new() { ["Kind"] = "TokenLength", ["Tokenizer"] = Path.GetFullPath(tokenizer), ["Min"] = "1" }));
            var words = engine.WritePlan("words", [shard], ("Length", new() { ["Kind"] = "TokenLength", ["Counter"] = "Words", ["Min"] = "1" }));
            var results = new List<(string Case, List<Cost> Costs)> { ("tokens", []), ("words", []), ("nothing changed", []) };
            for (var run = -2; run < runs; run++)
            {
                Engine.Renew(shard, run + 10);
                Thread.Sleep(50); // past the file system's clock tick, as any human is
                Cost[] costs = [engine.Build(tokens), engine.Build(words), engine.Build(tokens)];
                for (var i = 0; run >= 0 && i < costs.Length; i++)
                {
                    results[i].Costs.Add(costs[i]); // the first two only warm up, the first of all keeps the vocabulary
                }
            }

            if (options.Contains("--json"))
            {
                Console.WriteLine(JsonSerializer.Serialize(results.Select(result => new { name = result.Case, runs = result.Costs })));
                return 0;
            }

            Console.WriteLine($"{new FileInfo(shard).Length / 1e6:0.0} MB, {runs} runs, engine {engine.Form}\n");
            Console.WriteLine("| a build that counts | CPU s, median (range) | wall s, median (range) | peak MB |\n|---|---:|---:|---:|");
            foreach (var (name, costs) in results)
            {
                Console.WriteLine(
                    $"| {name} | {Statistics.Summary([.. costs.Select(cost => cost.Cpu)], "0.000")} | {Statistics.Summary([.. costs.Select(cost => cost.Wall)], "0.000")} | {costs.Max(cost => cost.PeakBytes) / 1e6:0} |");
            }

            return 0;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }
}
