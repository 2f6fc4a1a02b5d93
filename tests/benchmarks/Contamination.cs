using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DatasetBuild.Records;
using DatasetBuild.Scoring;
using DatasetBuild.Tokenization;

namespace DatasetBuild.Benchmarks;

/// <summary>
/// How fast records are compared with evaluation items, on one thread: the scorer itself, beside counting words of the same texts, which is the floor, and a plain
/// implementation with strings and a set of joined n-grams, which is what people write first.
/// </summary>
internal static class Contamination
{
    private const int BatchBytes = 1 << 20;
    private const int PlainShare = 20;

    public static int Run(string pool, string evaluation, string[] options)
    {
        var runs = int.Parse(CommandLine.Option(options, "--runs") ?? "5", CultureInfo.InvariantCulture);
        var field = CommandLine.Option(options, "--field") ?? "question";
        var batches = Read(pool, out var records);
        var questions = File.ReadLines(evaluation).Select(line => JsonDocument.Parse(line).RootElement.GetProperty(field).GetString()!).ToList();
        var items = WordsOf(questions);
        var bytes = batches.Sum(batch => Texts(batch).Sum(text => (long)text.Length));
        var some = batches.Where((_, i) => i % PlainShare == 0).ToList();
        var someBytes = some.Sum(batch => Texts(batch).Sum(text => (long)text.Length));
        var results = new List<(string Name, List<double> Rates)>
        {
            ("counting words", Rates(runs, bytes, () => Score(new LengthScorer(new WordCounter(), Part.Record), batches))),
        };
        foreach (var n in (int[])[13, 8])
        {
            var scorer = new ContaminationScorer(items, n, Part.Record);
            results.Add(($"Decontaminate, n = {n}", Rates(runs, bytes, () => Score(scorer, batches))));
            var index = PlainIndex(questions, n);
            results.Add(($"plain, n = {n}", Rates(runs, someBytes, () => PlainHits(some, index, n))));
        }

        if (options.Contains("--json"))
        {
            Console.WriteLine(JsonSerializer.Serialize(new { records, bytes, items = questions.Count, rates = results.Select(result => new { name = result.Name, megabytesPerCpuSecond = result.Rates }) }));
            return 0;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{records:N0} records, {bytes / 1e6:N0} MB of text, against {questions.Count:N0} items; one thread, {runs} runs\n"));
        Console.WriteLine("| | MB a CPU second, median (range) |\n|---|---:|");
        results.ForEach(result => Console.WriteLine($"| {result.Name} | {Statistics.Summary(result.Rates, "0")} |"));
        return 0;
    }

    private static List<ConversationBatch> Read(string pool, out int records)
    {
        records = 0;
        var batches = new List<ConversationBatch> { new() };
        using var parser = new ConversationParser(ShapeOptions.Detect);
        foreach (var shard in Directory.EnumerateFiles(pool, "*.jsonl").Order(StringComparer.Ordinal))
        {
            using var reader = new RecordReader(shard, 64 << 20);
            while (reader.Read())
            {
                parser.Parse(reader.Json);
                batches[^1].Add(parser.Canonical(reader.Json));
                records++;
                if (batches[^1].Bytes >= BatchBytes)
                {
                    batches.Add(new ConversationBatch());
                }
            }
        }

        return batches;
    }

    private static List<byte[]> Texts(ConversationBatch batch)
    {
        var texts = new List<byte[]>();
        for (var i = 0; i < batch.Count; i++)
        {
            foreach (var text in batch[i].Texts(Part.Record))
            {
                texts.Add(text.ToArray());
            }
        }

        return texts;
    }

    private static void Score(IScorer scorer, List<ConversationBatch> batches)
    {
        foreach (var batch in batches)
        {
            scorer.Score(batch, new byte[batch.Count * scorer.Width], new byte[batch.Count]);
        }
    }

    private static List<double> Rates(int runs, long bytes, Action work)
    {
        var rates = new List<double>();
        for (var run = 0; run <= runs; run++)
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            work();
            var seconds = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
            if (run > 0)
            {
                rates.Add(bytes / 1e6 / seconds); // the first run only warms up
            }
        }

        return rates;
    }

    private static EvaluationWords WordsOf(List<string> questions)
    {
        var content = new ArrayBufferWriter<byte>();
        foreach (var question in questions)
        {
            FoldedWords.Write(Encoding.UTF8.GetBytes(question), content);
            content.Write([EvaluationWords.EndOfText, EvaluationWords.EndOfItem]);
        }

        return new EvaluationWords(content.WrittenSpan.ToArray());
    }

    private static HashSet<string> PlainIndex(List<string> questions, int n) => [.. questions.SelectMany(question => PlainPhrases(question, n))];

    private static void PlainHits(List<ConversationBatch> batches, HashSet<string> index, int n)
    {
        foreach (var text in batches.SelectMany(Texts))
        {
            _ = PlainPhrases(Encoding.UTF8.GetString(text), n).Any(index.Contains);
        }
    }

    private static IEnumerable<string> PlainPhrases(string text, int n)
    {
        var words = new string([.. text.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i + n <= words.Length; i++)
        {
            yield return string.Join(' ', words, i, n);
        }
    }
}
