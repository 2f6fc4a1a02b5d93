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
    private const long RunBytes = 30_000_000;

    private static readonly (string File, string Encoding)[] Vocabularies =
        [("cl100k_base.tiktoken", "cl100k_base"), ("o200k_base.tiktoken", "o200k_base"), ("r50k_base.tiktoken", "gpt2")];

    public static int Run(string[] arguments)
    {
        var asJson = arguments.Contains("--json");
        var runs = int.Parse(CommandLine.Option(arguments, "--runs") ?? "5", CultureInfo.InvariantCulture);
        var folder = CommandLine.Option(arguments, "--tokenizers") ?? Path.Combine(Repository, "..", "shared", "data", "tokenizers");
        var only = CommandLine.Option(arguments, "--only");
        var data = arguments.Where((argument, i) => !argument.StartsWith("--", StringComparison.Ordinal) && (i == 0 || arguments[i - 1] is not ("--runs" or "--tokenizers" or "--only")));
        var sets = data.SelectMany(TextSet.Read).ToList();
        var results = new List<Result>();
        foreach (var (name, tokenizer, plain) in Published(folder, only).Concat(Trained(sets, only)))
        {
            foreach (var set in sets)
            {
                results.Add(Measure(tokenizer, name, set, plain, runs));
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}, {set.Data}, {set.Script}: {Statistics.Median(results[^1].Count):0} MB/s counted, {Statistics.Median(results[^1].Encode):0} encoded, {Statistics.Median(results[^1].Plain):0.0} plain"));
            }
        }

        Print(results, asJson, runs);
        return results.TrueForAll(result => result.Tokens == result.Encoded) ? 0 : 1;
    }

    private static IEnumerable<(string Name, ITokenizer Tokenizer, IPlainCounter Plain)> Published(string folder, string? only)
    {
        foreach (var (file, encoding) in Vocabularies.Where(vocabulary => only is null || vocabulary.Encoding.Contains(only, StringComparison.Ordinal)))
        {
            var path = Path.Combine(folder, file);
            yield return (encoding, Tokenizers.Load(path, file), new PlainTokenizer(path));
        }
    }

    private static IEnumerable<(string Name, ITokenizer Tokenizer, IPlainCounter Plain)> Trained(List<TextSet> sets, string? only)
    {
        var vocabulary = new Lazy<PieceVocabulary>(() => new PieceVocabulary(sets));
        (string Name, Func<byte[]> File, bool IsUnigram)[] kinds =
        [
            ("BPE as in Llama 2", () => vocabulary.Value.ToBpeFile(), false),
            ("Unigram as in XLM-R", () => vocabulary.Value.ToUnigramFile(), true),
            ("SentencePiece BPE", () => vocabulary.Value.ToModel(isUnigram: false), false),
            ("SentencePiece Unigram", () => vocabulary.Value.ToModel(isUnigram: true), true),
        ];
        foreach (var (name, file, isUnigram) in kinds.Where(kind => only is null || kind.Name.Contains(only, StringComparison.Ordinal)))
        {
            var path = Path.GetTempFileName();
            File.WriteAllBytes(path, file());
            var tokenizer = Tokenizers.Load(path, name);
            File.Delete(path);
            yield return (name, tokenizer, new PlainPieces(vocabulary.Value, isUnigram));
        }
    }

    private static string Repository =>
        typeof(TokenCounting).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "Repository").Value!;

    private static Result Measure(ITokenizer vocabulary, string encoding, TextSet set, IPlainCounter plain, int runs)
    {
        var sample = Sample(set);
        var passes = (int)Math.Max(1, RunBytes / set.Bytes);
        var (counting, halves, twice, encoded, floor) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var (tokens, ids) = (0L, 0L);
        for (var run = -1; run < runs; run++) // the first compiles what the others need
        {
            (tokens, var seconds) = Measure(passes, set, vocabulary, Count);
            counting.Add(passes * set.Bytes / 1e6 / seconds);
            (_, seconds) = Measure(passes, set, vocabulary, CountHalves);
            halves.Add(passes * set.Bytes / 1e6 / seconds);
            (_, seconds) = Measure(passes, set, vocabulary, CountOnTwoThreads);
            twice.Add(passes * set.Bytes / 1e6 / seconds);
            (ids, seconds) = Measure(passes, set, vocabulary, Encode);
            encoded.Add(passes * set.Bytes / 1e6 / seconds);
            (var plainTokens, seconds) = Timed(() => sample.Texts.Sum(text => (long)plain.Count(text)));
            floor.Add(sample.Bytes / 1e6 / seconds);
            if (run == 0 && plain is PlainTokenizer && plainTokens != sample.Texts.Sum(text => (long)vocabulary.Count(text)))
            {
                Console.Error.WriteLine($"The plain implementation counts {plainTokens} tokens in its sample of {set.Data}, {set.Script}: see where text leaves the basic plane.");
            }
        }

        counting.RemoveAt(0);
        halves.RemoveAt(0);
        twice.RemoveAt(0);
        encoded.RemoveAt(0);
        floor.RemoveAt(0);
        double? node = plain is PlainTokenizer && NodeTiktoken.Count(encoding, sample) is var (_, cpu) ? sample.Bytes / 1e6 / cpu : null;
        return new Result(encoding, set.Data, set.Script, set.Bytes, tokens, ids, counting, halves, twice, encoded, floor, node);
    }

    private static (long Tokens, double Cpu) Measure(int passes, TextSet set, ITokenizer vocabulary, Func<ITokenizer, TextSet, long> work)
    {
        var (tokens, cpu) = (0L, 0.0);
        for (var pass = 0; pass < passes; pass++)
        {
            ((IRemembersWords)vocabulary).ForgetWords();
            GC.Collect(); // the tables of the pass before, whose memory goes back to the system while no other thread has to be stopped for it
            (tokens, var seconds) = Timed(() => work(vocabulary, set));
            cpu += seconds;
        }

        return (tokens, cpu);
    }

    private static long Count(ITokenizer tokenizer, TextSet set) => Count(tokenizer, set.Texts, 0, 1);

    private static long Count(ITokenizer tokenizer, IReadOnlyList<byte[]> texts, int first, int step)
    {
        var tokens = 0L;
        for (var i = first; i < texts.Count; i += step)
        {
            tokens += tokenizer.Count(texts[i]);
        }

        return tokens;
    }

    /// <summary>What two threads do at once, one after the other: each learns the words of its texts for itself.</summary>
    private static long CountHalves(ITokenizer tokenizer, TextSet set)
    {
        var even = Count(tokenizer, set.Texts, 0, 2);
        ((IRemembersWords)tokenizer).ForgetWords();
        return even + Count(tokenizer, set.Texts, 1, 2);
    }

    private static long CountOnTwoThreads(ITokenizer tokenizer, TextSet set)
    {
        var odd = 0L;
        var thread = new Thread(() => odd = Count(tokenizer, set.Texts, 1, 2));
        thread.Start();
        var even = Count(tokenizer, set.Texts, 0, 2);
        thread.Join();
        return odd + even;
    }

    private static long Encode(ITokenizer tokenizer, TextSet set)
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

        Console.WriteLine($"{runs} runs, MB a CPU second, median (range); the word table is empty at the start of each run\n");
        Console.WriteLine("| vocabulary | data | script | MB | count | halves | two threads to halves | encode | plain | count to plain | npm tiktoken |\n|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var result in results)
        {
            var ratio = Statistics.Median(result.Count.Zip(result.Plain, (count, plain) => count / plain));
            var linear = Statistics.Median(result.CountOnTwoThreads.Zip(result.CountHalves, (two, one) => two / one));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {result.Vocabulary} | {result.Data} | {result.Script} | {result.Bytes / 1e6:0.0} | {Statistics.Summary(result.Count, "0")} | {Statistics.Median(result.CountHalves):0} | {linear:0.00} | {Statistics.Summary(result.Encode, "0")} | {Statistics.Summary(result.Plain, "0.0")} | {ratio:0}× | {(result.Node is { } node ? node.ToString("0.0", CultureInfo.InvariantCulture) : "")} |"));
        }
    }

    /// <summary>Rates in MB a CPU second of all threads together, one for each run.</summary>
    private sealed record Result(
        string Vocabulary, string Data, string Script, long Bytes, long Tokens, long Encoded, List<double> Count, List<double> CountHalves, List<double> CountOnTwoThreads, List<double> Encode, List<double> Plain, double? Node);
}
