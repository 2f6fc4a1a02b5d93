using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace DatasetBuild.Benchmarks;

/// <summary>How fast language models of random weights run on the processors of this machine, beside the peak of a core and OpenBLAS.</summary>
internal static class ModelSpeed
{
    public static int Run(string[] options)
    {
        var runs = CommandLine.Option(options, "--runs") ?? "5";
        var work = Directory.CreateTempSubdirectory("dataset-benchmark-");
        try
        {
            var products = new[] { "", "DOTNET_EnableAVX512" }.SelectMany(off => Part<List<ProductRun>>(off, "products", runs)).ToList();
            var losses = new List<(string Model, List<LossRun> Runs)>();
            var loads = new List<(string Model, LoadRun Run)>();
            foreach (var (shape, type) in ModelShape.All.SelectMany(shape => shape.Name == "124M" ? new[] { (shape, "F32"), (shape, "BF16") } : [(shape, "F32")]))
            {
                var folder = Path.Combine(work.FullName, $"{shape.Name}-{type}");
                var name = $"{shape.Name}, {(type == "F32" ? "float32" : "bfloat16")}";
                RandomModel.Write(shape, type, folder);
                foreach (var (threads, data) in ((string, string)[])[("1", "even"), ("1", "ragged"), .. type == "F32" ? [("2", "even"), ("2", "ragged")] : Array.Empty<(string, string)>()])
                {
                    losses.Add((name, Part<List<LossRun>>("", "losses", folder, threads, data, runs)));
                }

                if (type == "F32")
                {
                    losses.Add(($"{name}, AVX2", Part<List<LossRun>>("DOTNET_EnableAVX512", "losses", folder, "1", "even", runs)));
                }

                loads.AddRange(Enumerable.Range(0, 3).Select(_ => (name, Part<LoadRun>("", "load", folder))));
                Console.Error.WriteLine($"{name}: done");
            }

            Print(products, losses, loads, options.Contains("--json"));
            return 0;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <param name="off">What the process must not use; "" for nothing.</param>
    /// <param name="arguments">The part and what it takes.</param>
    private static T Part<T>(string off, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(typeof(ModelSpeed).Assembly.Location);
        }

        foreach (var argument in (string[])["models-part", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        start.Environment["OPENBLAS_CORETYPE"] = off.Length == 0 ? "SkylakeX" : "Haswell";
        start.Environment.Remove("OPENBLAS_L2_SIZE");
        if (off.Length > 0)
        {
            start.Environment[off] = "0";
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<T>(output)!
            : throw new InvalidOperationException($"{string.Join(' ', arguments)} failed:\n{output}");
    }

    private static void Print(List<ProductRun> products, List<(string Model, List<LossRun> Runs)> losses, List<(string Model, LoadRun Run)> loads, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                products,
                losses = losses.SelectMany(entry => entry.Runs.Select(run => new { model = entry.Model, run })),
                loads = loads.Select(entry => new { model = entry.Model, run = entry.Run }),
            }));
            return;
        }

        Console.WriteLine("| product of 768 rows | path | peak, GFLOP/s | float32 | bfloat16 | of the peak | of OpenBLAS |\n|---|---|---:|---:|---:|---:|---:|");
        foreach (var group in products.GroupBy(run => (run.Product, run.Path)))
        {
            var own = Summary(group.Select(run => run.Own), "0");
            var peer = group.All(run => run.OpenBlas is not null) ? $"{Summary(group.Select(run => 100 * run.Own / run.OpenBlas!.Value), "0")} % ({group.First().OpenBlasCore})" : "not installed";
            Console.WriteLine($"| {group.Key.Product} | {group.Key.Path} | {Summary(group.Select(run => run.Peak), "0")} | {own} | {Summary(group.Select(run => run.OwnBFloat16), "0")} | {Summary(group.Select(run => 100 * run.Own / run.Peak), "0")} % | {peer} |");
        }

        Console.WriteLine("\n| model | records | threads | tokens a CPU second | tokens a second | of the peak |\n|---|---|---:|---:|---:|---:|");
        foreach (var (model, runs) in losses)
        {
            var shape = ModelShape.All.First(shape => model.StartsWith(shape.Name + ",", StringComparison.Ordinal));
            var share = Summary(runs.Select(run => 100 * run.TokensPerCpuSecond * shape.Operations(256) / 1e9 / run.Peak), "0");
            Console.WriteLine($"| {model} | {runs[0].Data} | {runs[0].Threads} | {Summary(runs.Select(run => run.TokensPerCpuSecond), "0")} | {Summary(runs.Select(run => run.TokensPerSecond), "0")} | {share} % |");
        }

        Console.WriteLine("\n| model | weights, MB | loaded in, s | CPU, s | peak besides the weights, MB |\n|---|---:|---:|---:|---:|");
        foreach (var group in loads.GroupBy(entry => entry.Model, entry => entry.Run))
        {
            var bytes = group.First().Bytes;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {group.Key} | {bytes / 1e6:0} | {Summary(group.Select(run => run.Wall), "0.00")} | {Summary(group.Select(run => run.Cpu), "0.00")} | {Summary(group.Select(run => (run.PeakBytes - bytes) / 1e6), "0")} |"));
        }
    }

    private static string Summary(IEnumerable<double> values, string format) => Statistics.Summary([.. values], format);
}
