using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DatasetBuild.LanguageModels;
using DatasetBuild.LanguageModels.Kernels;
using DatasetBuild.Scoring;

namespace DatasetBuild.Benchmarks;

/// <summary>One process measures one thing, so that its peak of memory and its environment are its own. Prints JSON.</summary>
internal static unsafe class ModelParts
{
    private static readonly (string Name, int Outputs, int Inputs)[] Products =
        [("queries, keys, values", 2304, 768), ("attention's output", 768, 768), ("gate and up", 4096, 768), ("down", 768, 2048), ("head", 6144, 768)];

    public static int Run(string[] arguments)
    {
        object result = arguments switch
        {
            ["products", var runs] => MeasureProducts(Whole(runs)),
            ["losses", var folder, var threads, var data, var runs] => MeasureLosses(folder, Whole(threads), data, Whole(runs)),
            ["load", var folder] => MeasureLoading(folder),
            _ => throw new ArgumentException("no such part"),
        };
        Console.WriteLine(JsonSerializer.Serialize(result));
        return 0;
    }

    /// <summary>Peak, own product and OpenBLAS in turns.</summary>
    private static List<ProductRun> MeasureProducts(int runs)
    {
        const int Rows = 768;
        var path = SimdPaths.Widest;
        var found = new List<ProductRun>();
        var random = new Random(3);
        foreach (var (name, outputs, inputs) in Products)
        {
            using var rows = Random(random, (long)Rows * inputs);
            using var weights = Random(random, (long)outputs * inputs);
            using var target = new NativeBuffer((long)Rows * outputs * sizeof(float));
            using var product = new MatrixProduct(path);
            using var packed = new PackedMatrix(outputs, inputs, ElementType.Float32);
            using var narrow = new PackedMatrix(outputs, inputs, ElementType.BFloat16);
            packed.SetRows(new ReadOnlySpan<byte>(weights.Floats, outputs * inputs * sizeof(float)), 0, outputs);
            narrow.SetRows(new ReadOnlySpan<byte>(weights.Floats, outputs * inputs * sizeof(ushort)), 0, outputs);
            var operations = 2.0 * Rows * outputs * inputs;
            var repeats = (int)Math.Max(1, 2e10 / operations);
            for (var run = -1; run < runs; run++)
            {
                var peak = Rate(() => Peak(path, 40_000_000), ProcessorPeak.Operations(path == SimdPath.Vector512, 40_000_000));
                var own = Rate(() => Repeat(repeats, () => product.Multiply(rows.Floats, inputs, Rows, packed, target.Floats, outputs)), operations * repeats);
                var half = Rate(() => Repeat(repeats, () => product.Multiply(rows.Floats, inputs, Rows, narrow, target.Floats, outputs)), operations * repeats);
                double? peer = OpenBlas.IsInstalled
                    ? Rate(() => Repeat(repeats, () => OpenBlas.Multiply(rows.Floats, weights.Floats, target.Floats, Rows, outputs, inputs)), operations * repeats)
                    : null;
                if (run >= 0)
                {
                    found.Add(new ProductRun(name, path.ToString(), OpenBlas.IsInstalled ? OpenBlas.Core : null, peak, own, half, peer));
                }
            }
        }

        return found;
    }

    private static List<LossRun> MeasureLosses(string folder, int threads, string data, int runs)
    {
        using var model = new CpuLanguageModelLoader().Open(folder, threads);
        var random = new Random(5);
        var batch = new TokenBatch();
        var lengths = data == "ragged"
            ? Enumerable.Range(0, 12).Select(_ => Math.Clamp((int)Math.Exp(5 + (0.9 * Normal(random))), 20, 800)).ToList()
            : Enumerable.Repeat(256, 8).ToList();
        foreach (var length in lengths)
        {
            batch.Add([.. Enumerable.Range(0, length).Select(_ => random.Next(model.VocabularySize))], [.. Enumerable.Repeat(true, length)]);
        }

        var losses = new float[batch.TokenCount];
        var found = new List<LossRun>();
        for (var run = -1; run < runs; run++)
        {
            var peak = Rate(() => Peak(SimdPaths.Widest, 40_000_000), ProcessorPeak.Operations(SimdPaths.Widest == SimdPath.Vector512, 40_000_000));
            var clock = Stopwatch.StartNew();
            var before = Environment.CpuUsage.TotalTime;
            model.TokenLosses(batch, losses, CancellationToken.None);
            var cpu = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
            if (run >= 0)
            {
                found.Add(new LossRun(threads, data, batch.TokenCount, batch.TokenCount / cpu, batch.TokenCount / clock.Elapsed.TotalSeconds, peak));
            }
        }

        return found;
    }

    private static LoadRun MeasureLoading(string folder)
    {
        var bytes = new FileInfo(Path.Combine(folder, "model.safetensors")).Length;
        var clock = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        using var model = new CpuLanguageModelLoader().Open(folder, 2);
        var (wall, cpu) = (clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
        var batch = new TokenBatch();
        for (var i = 0; i < 4; i++)
        {
            batch.Add([.. Enumerable.Range(0, 256)], [.. Enumerable.Repeat(true, 256)]);
        }

        model.TokenLosses(batch, new float[batch.TokenCount], CancellationToken.None);
        using var process = Process.GetCurrentProcess();
        return new LoadRun(bytes, wall, cpu, process.PeakWorkingSet64);
    }

    private static void Peak(SimdPath path, int steps) => _ = path == SimdPath.Vector512 ? ProcessorPeak.Run512(steps) : ProcessorPeak.Run256(steps);

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }

    /// <summary>Billions of operations a CPU second.</summary>
    private static double Rate(Action action, double operations)
    {
        var before = Environment.CpuUsage.TotalTime;
        action();
        return operations / 1e9 / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static NativeBuffer Random(Random random, long count)
    {
        var buffer = new NativeBuffer(count * sizeof(float));
        for (long i = 0; i < count; i++)
        {
            buffer.Floats[i] = random.NextSingle() - 0.5f;
        }

        return buffer;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>Billions of operations a CPU second: of the core at its peak, of the product with float32 and with bfloat16 weights, and of OpenBLAS.</summary>
internal sealed record ProductRun(string Product, string Path, string? OpenBlasCore, double Peak, double Own, double OwnBFloat16, double? OpenBlas);

/// <summary>Tokens a CPU second and a second, and the peak of one core beside them.</summary>
internal sealed record LossRun(int Threads, string Data, int Tokens, double TokensPerCpuSecond, double TokensPerSecond, double Peak);

/// <summary>Seconds that loading took, and the most memory that loading and a batch held.</summary>
internal sealed record LoadRun(long Bytes, double Wall, double Cpu, long PeakBytes);
