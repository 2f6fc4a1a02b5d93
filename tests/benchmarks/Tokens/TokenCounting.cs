using System.Globalization;
using System.Reflection;
using System.Text.Json;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Benchmarks;

/// <summary>How fast tokens are counted and encoded, for each vocabulary and script, beside a plain implementation in the same run.</summary>
internal static class TokenCounting
{
    /// <summary>Bytes of each set that the floor and npm's tiktoken count: they are slow, and their rate does not depend on more.</summary>
    private const long SampleBytes = 3_000_000;

    /// <summary>Smaller sets are counted several times in a run, each time by a tokenizer that has met no word yet.</summary>
    private const long RunBytes = 5_000_000;

    private static readonly (string File, string Encoding)[] Vocabularies =
        [("cl100k_base.tiktoken", "cl100k_base"), ("o200k_base.tiktoken", "o200k_base"), ("r50k_base.tiktoken", "gpt2")];

    public static int Run(string[] arguments)
    {
        var asJson = arguments.Contains("--json");
        var runs = int.Parse(CommandLine.Option(arguments, "--runs") ?? "5", CultureInfo.InvariantCulture);
        var folder = CommandLine.Option(arguments, "--tokenizers") ?? Path.Combine(Repository, "..", "shared", "data", "tokenizers");
        var data = arguments.Where((argument, i) => !argument.StartsWith("--", StringComparison.Ordinal) && (i == 0 || arguments[i - 1] is not ("--runs" or "--tokenizers")));
        var sets = data.SelectMany(TextSet.Read).ToList();
        var results = new List<Result>();
        foreach (var (file, encoding) in Vocabularies)
        {
            var path = Path.Combine(folder, file);
            var plain = new PlainTokenizer(path);
            var tokenizer = (RankTokenizer)Tokenizers.Load(path, file);
            foreach (var set in sets)
            {
                results.Add(Measure(tokenizer, encoding, set, plain, runs));
                Console.Error.WriteLine($"{encoding}, {set.Data}, {set.Script}: done");
            }
        }

        Print(results, asJson, runs);
        return results.TrueForAll(result => result.Tokens == result.Encoded) ? 0 : 1;
    }

    private static string Repository =>
        typeof(TokenCounting).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Repository").Value!;

    private static Result Measure(RankTokenizer vocabulary, string encoding, TextSet set, PlainTokenizer plain, int runs)
    {
        var sample = Sample(set);
        var passes = (int)Math.Max(1, RunBytes / set.Bytes);
        var (counting, encoded, floor) = (new List<double>(), new List<double>(), new List<double>());
        var (tokens, ids) = (0L, 0L);
        for (var run = -1; run < runs; run++) // the first compiles what the others need
        {
            (tokens, var seconds) = Measure(passes, set, vocabulary, Count);
            counting.Add(passes * set.Bytes / 1e6 / seconds);
            (ids, seconds) = Measure(passes, set, vocabulary, Encode);
            encoded.Add(passes * set.Bytes / 1e6 / seconds);
            (var plainTokens, seconds) = Timed(() => sample.Texts.Sum(text => (long)plain.Count(text)));
            floor.Add(sample.Bytes / 1e6 / seconds);
            if (run == 0 && plainTokens != sample.Texts.Sum(text => (long)vocabulary.Count(text)))
            {
                Console.Error.WriteLine($"The plain implementation counts {plainTokens} tokens in its sample of {set.Data}, {set.Script}: see where text leaves the basic plane.");
            }
        }

        counting.RemoveAt(0);
        encoded.RemoveAt(0);
        floor.RemoveAt(0);
        double? node = NodeTiktoken.Count(encoding, sample) is var (_, cpu) ? sample.Bytes / 1e6 / cpu : null;
        return new Result(encoding, set.Data, set.Script, set.Bytes, tokens, ids, counting, encoded, floor, node);
    }

    private static (long Tokens, double Cpu) Measure(int passes, TextSet set, RankTokenizer vocabulary, Func<RankTokenizer, TextSet, long> work)
    {
        var (tokens, cpu) = (0L, 0.0);
        for (var pass = 0; pass < passes; pass++)
        {
            var fresh = vocabulary.WithoutWords();
            (tokens, var seconds) = Timed(() => work(fresh, set));
            cpu += seconds;
        }

        return (tokens, cpu);
    }

    private static long Count(RankTokenizer tokenizer, TextSet set)
    {
        var tokens = 0L;
        foreach (var text in set.Texts)
        {
            tokens += tokenizer.Count(text);
        }

        return tokens;
    }

    private static long Encode(RankTokenizer tokenizer, TextSet set)
    {
        var tokens = 0L;
        var list = new List<Token>();
        foreach (var text in set.Texts)
        {
            list.Clear();
            tokenizer.Encode(text, list);
            tokens += list.Count;
        }

        return tokens;
    }

    private static (long Result, double Cpu) Timed(Func<long> action)
    {
        var before = Environment.CpuUsage.TotalTime;
        var result = action();
        return (result, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    private static TextSet Sample(TextSet set)
    {
        var bytes = 0L;
        return new TextSet(set.Data, set.Script, [.. set.Texts.TakeWhile(text => (bytes += text.Length) <= SampleBytes || bytes == text.Length)]);
    }

    private static void Print(List<Result> results, bool asJson, int runs)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(results));
            return;
        }

        Console.WriteLine($"{runs} runs, one thread, MB a CPU second, median (range); the word table is empty at the start of each run\n");
        Console.WriteLine("| vocabulary | data | script | MB | count | encode | plain | count to plain | npm tiktoken |\n|---|---|---|---:|---:|---:|---:|---:|---:|");
        foreach (var result in results)
        {
            var ratio = Statistics.Median(result.Count.Zip(result.Plain, (count, plain) => count / plain));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {result.Vocabulary} | {result.Data} | {result.Script} | {result.Bytes / 1e6:0.0} | {Statistics.Summary(result.Count, "0")} | {Statistics.Summary(result.Encode, "0")} | {Statistics.Summary(result.Plain, "0.0")} | {ratio:0}× | {(result.Node is { } node ? node.ToString("0.0", CultureInfo.InvariantCulture) : "not installed")} |"));
        }
    }

    /// <summary>Rates in MB a CPU second, one for each run.</summary>
    private sealed record Result(
        string Vocabulary, string Data, string Script, long Bytes, long Tokens, long Encoded, List<double> Count, List<double> Encode, List<double> Plain, double? Node);
}
